"""Register articles and find their public titles."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.articles.model import Article


def register(session: Session, key: str, title: str) -> Article:
    """Add an article or change its title. Call inside a transaction."""
    article = session.get(Article, key)
    if article is None:
        article = Article(key=key, title=title, registered_at=clock.now())
        session.add(article)
    article.title = title
    return article


def find_title(session: Session, key: str) -> str | None:
    """The public title of one article, or None."""
    return session.scalar(select(Article.title).where(Article.key == key))


def find_titles(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """The public titles of several articles; those without one are absent."""
    rows = session.execute(select(Article.key, Article.title).where(Article.key.in_(set(keys))))
    return {row.key: row.title for row in rows}


def list_articles(session: Session) -> Sequence[Article]:
    """Every registered article, newest first."""
    return session.scalars(select(Article).order_by(Article.registered_at.desc(), Article.key)).all()
