"""``apresiasi articles add|list``: titles that the publisher vouches for."""

import click
from flask.cli import AppGroup

from service.articles import registry
from service.cli.output import as_json, show
from service.clock import rfc3339
from service.db import db, transaction
from service.errors import ArticleNotAllowed
from service.wiring import current_wiring

group = AppGroup("articles", help="The article registry.")


@group.command("add")
@click.argument("url")
@click.argument("title")
def add(url: str, title: str) -> None:
    """Register an article, or change its title."""
    try:
        key = current_wiring().addresses.read(url).key
    except ArticleNotAllowed as error:
        raise click.ClickException("this address is not on one of APRESIASI_ARTICLE_HOSTS") from error
    with transaction(db.session):
        registry.register(db.session, key, title)
    click.echo(key)


@group.command("list")
@as_json
def list_articles(as_json: bool) -> None:
    """List registered articles."""
    rows = [
        {"url": article.key, "title": article.title, "registered_at": rfc3339(article.registered_at)}
        for article in registry.list_articles(db.session)
    ]
    show(rows, as_json)


COMMANDS = [group]
