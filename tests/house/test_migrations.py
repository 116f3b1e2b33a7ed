"""Migrations and models agree, on both databases, up and down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from service import append_only, models
from service.db import prepare_sqlite
from service.migrations_state import alembic_config, is_at_head
from tests.support.databases import create_database, sqlalchemy_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
    else:
        yield sqlalchemy_url(create_database(f"migrations_{worker_id}"))


def test_upgrade_from_empty_agrees_with_the_models_and_downgrades(empty_url: str) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "head")
    engine = create_engine(empty_url)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": models.is_compared}
        )
        assert compare_metadata(context, models.metadata) == []
        assert is_at_head(connection, empty_url)
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert not is_at_head(connection, empty_url)
    command.upgrade(config, "head")
    engine.dispose()


def test_a_database_with_books_is_brought_to_0003_and_stays_protected(empty_url: str) -> None:
    """Append-only tables are rebuilt with their triggers off, and on again afterwards."""
    config = alembic_config(empty_url)
    command.upgrade(config, "0002")
    engine = create_engine(empty_url)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    at, paid = "2026-11-01 03:00:00", "'c', 'a', 'sandbox'"
    common = "processor, payment_ref, contribution_id, occurred_at, booked_on, currency, live, debit_account, credit_account, recorded_at"
    values = f"'sandbox', 'pay_1', 'c', '{at}', '2026-11-01', 'IDR', false, 'Assets:A', 'Income:B', '{at}'"
    statements = [
        "INSERT INTO contribution (id, reference, amount_minor, currency, article_key, locale, terms_version, status, created_at)"
        f" VALUES ('c', 'AS-1', 2500000, 'IDR', 'https://kompas.com/', 'id', '2026-11', 'disputed', '{at}')",
        "INSERT INTO attempt (id, contribution_id, number, processor, terms_version, state, expires_at, created_at)"
        f" VALUES ('a', 'c', 1, 'sandbox', '2026-11', 'paid', '{at}', '{at}')",
        *(
            "INSERT INTO payment_fact (contribution_id, attempt_id, processor, kind, ref, amount_minor, occurred_at, recorded_at)"
            f" VALUES ({paid}, '{kind}', '{ref}', {amount}, '{at}', '{at}')"
            for kind, ref, amount in (
                ("succeeded", "pay_1", 2_500_000),
                ("settled", "txn_1", 2_500_000),
                ("dispute_opened", "dp_1", 2_500_000),
            )
        ),
        *(
            f"INSERT INTO movement (id, type, ref, gross_minor, fee_minor, net_minor, {common})"
            f" VALUES ('{id_}', '{type_}', '{ref}', {gross}, {fee}, {gross - fee}, {values})"
            for id_, type_, ref, gross, fee in (
                ("m1", "contribution", "pay_1", 2_500_000, 0),
                ("m2", "fee", "txn_1", 0, 17_500),
                ("m3", "chargeback", "txn_2", -2_500_000, 0),
            )
        ),
        "INSERT INTO posting (movement_id, account, currency, amount_minor) VALUES ('m1', 'Assets:A', 'IDR', 2500000)",
        "INSERT INTO payout (processor, ref, currency, amount_minor, arrival) VALUES ('sandbox', 'po_1', 'IDR', 1, '2026-11-02')",
    ]
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    command.upgrade(config, "head")
    with engine.connect() as connection:
        facts = dict(connection.execute(text("SELECT kind, amount_minor FROM payment_fact")).all())
        assert facts == {
            "succeeded": 2_500_000,
            "settled": 2_500_000,
            "dispute_opened": 0,
            "dispute_withdrawn": 2_500_000,
        }
        fee = connection.scalar(text("SELECT fee_minor FROM payment_fact WHERE kind = 'settled'"))
        named = connection.scalar(text("SELECT ref FROM movement WHERE type = 'chargeback'"))
        posted = connection.execute(text("SELECT entry, booked_on, recorded_at FROM posting")).one()
        assert (fee, named, posted.entry, str(posted.booked_on)) == (17_500, "dp_1", "movement", "2026-11-01")
        assert posted.recorded_at is not None
        assert append_only.unprotected(connection) == []
    for table in append_only.TABLES:
        if table in ("posting", "movement", "payment_fact"):
            with pytest.raises(DBAPIError), engine.begin() as connection:
                connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()
