"""The trail with many entries: pages stay quick, whatever is asked for."""

import statistics
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from service import clock
from service.db import insert_new, transaction
from service.staff import audit, chain, trail
from service.staff.model import AuditEntry
from service.staff.trail import Filters
from tests.support.desk import Desk

MANY = 100_000
AT_MOST = 0.3  # seconds
ASKED = (
    "", "cursor=50000", "actor=staff:999", "actor=staff:nobody", "action=staff", "action=nothing", "subject=m77",
    "from=2026-03-01&to=2026-03-02", "actor=staff:3&action=message&to=2026-02-01",
)  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(actor="staff:1"), "actor_sequence"),
        (Filters(subject="m1"), "subject_sequence"),
    ],
)
def test_a_filter_has_its_index(desk: Desk, filters: Filters, index: str) -> None:
    plan = desk.explain(lambda: trail.page(desk.session, filters, 1_000, 50))
    assert f"ix_audit_entry_{index}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.drill
def test_every_page_of_a_hundred_thousand_is_quick(desk: Desk) -> None:
    headers = desk.headers("auditor")
    fill(desk)
    chain.verify(desk.session)
    with transaction(desk.session):
        for number in range(1_000):
            audit.record(desk.session, "staff:3", "message.publish", f"x{number}")
    for query in ASKED:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            assert desk.client.get(f"/desk/admin/audit?{query}", headers=headers).status_code == 200
            took.append(time.perf_counter() - began)
        assert statistics.median(took) < AT_MOST, query


def fill(desk: Desk) -> None:
    """As many acts as years bring, chained as they should be."""
    begin, rows = clock.now().replace(microsecond=0) - timedelta(days=365), []
    with transaction(desk.session):
        previous = desk.session.get_one(AuditEntry, 1).hash
        for number in range(2, MANY + 1):
            row = {
                "sequence": number,
                "at": begin + timedelta(minutes=5 * number),
                "actor": f"staff:{number % 40 if number % 5000 else 999}",
                "action": ("message.publish", "message.reject", "staff.signed_in")[number % 3],
                "subject": f"m{number}",
                "details": {"reason": "spam", "revision": number % 7},
                "previous_hash": previous,
            }
            previous = audit.digest(SimpleNamespace(**row))
            rows.append({**row, "hash": previous})
        insert_new(desk.session, AuditEntry, rows)
