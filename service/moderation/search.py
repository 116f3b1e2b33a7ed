"""Find messages by what they say: FTS5 with trigrams on SQLite, trigrams and words on PostgreSQL.

Every word that is looked for has to be there: as a part of the text, or, where it is shorter
than three letters, as the beginning of a word.
"""

import re

from sqlalchemy import ColumnElement, column, false, func, literal_column, select, table
from sqlalchemy.orm import Session

from service.contributions.model import Message

_MOST_WORDS = 8
_SHORTEST_PART = 3  # letters: what a trigram needs

_found = table("message_search", column("rowid"), column("message_search"))
_rows = table("message_search_row", column("id"), column("message_id"))


def matching(session: Session, query: str) -> list[ColumnElement[bool]]:
    """Conditions on `Message` for a query as somebody typed it; nothing matches one without a
    letter or digit."""
    words = re.findall(r"[^\W_]+", query.casefold())[:_MOST_WORDS]
    if not words:
        return [false()]
    if session.get_bind().dialect.name == "postgresql":
        return [_in_postgresql(word) for word in words]
    return _in_sqlite(words)


def _in_postgresql(word: str) -> ColumnElement[bool]:
    if len(word) >= _SHORTEST_PART:
        return Message.text.ilike(f"%{word}%")
    words = func.to_tsvector(literal_column("'simple'"), Message.text)
    return words.bool_op("@@")(func.to_tsquery(literal_column("'simple'"), f"{word}:*"))


def _in_sqlite(words: list[str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    parts = [word for word in words if len(word) >= _SHORTEST_PART]
    if parts:
        asked = " AND ".join(f'"{word}"' for word in parts)
        hits = (
            select(_rows.c.message_id)
            .select_from(_found.join(_rows, _rows.c.id == _found.c.rowid))
            .where(_found.c.message_search.bool_op("MATCH")(asked))
        )
        conditions.append(Message.id.in_(hits))
    short = (word for word in words if len(word) < _SHORTEST_PART)
    return conditions + [Message.text.regexp_match(rf"(?i)(?<![^\W_]){word}") for word in short]
