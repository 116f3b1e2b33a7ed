"""The books: balanced, booked once, and closed to change by the database itself."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from service.db import transaction
from service.finance import sequence
from service.finance.model import Movement, MovementSequence
from tests.support.desk import Desk

PROTECTED = (
    "acceptance", "audit_entry", "movement", "movement_sequence", "movement_settlement", "payment_fact", "posting",
)  # fmt: skip


@pytest.mark.parametrize("table", PROTECTED)
def test_rows_are_added_and_never_changed(desk: Desk, table: str) -> None:
    desk.paid()
    desk.export()
    column = desk.session.execute(text(f"SELECT * FROM {table}")).keys()
    name = list(column)[-1]
    statements = [f'UPDATE {table} SET "{name}" = "{name}"', f"DELETE FROM {table}"]
    if desk.database == "postgresql":
        statements.append(f"TRUNCATE {table} CASCADE")
    else:
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    for statement in statements:
        desk.session.rollback()
        with pytest.raises(DBAPIError, match="never changed"):
            desk.session.execute(text(statement))
    desk.session.rollback()
    assert desk.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0


def test_numbering_again_adds_nothing(desk: Desk) -> None:
    desk.paid()
    with transaction(desk.session):
        assert sequence.assign(desk.session) == 2
    with transaction(desk.session):
        assert sequence.assign(desk.session) == 0
    assert desk.session.scalar(select(func.max(MovementSequence.sequence))) == 2


def test_a_movement_copies_what_the_books_need(desk: Desk) -> None:
    answer = desk.paid()
    movement = desk.session.scalars(select(Movement).where(Movement.type == "contribution")).one()
    assert movement.reference == answer["reference"]
    assert movement.article_url == answer["article"]["url"]
    assert movement.terms_version == answer["terms"]["version"]
    assert movement.paid_at is not None
    assert movement.live is False
