"""The processor's books and ours, in the same words, so that they can be compared."""

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import requests

from tests.journeys.apart import SANDBOX_KEY, Apart
from tests.journeys.stack import wait_for
from tests.journeys.test_api_journey import next_year

Rows = Counter[tuple[str, ...]]  # each should be there once


def taken(service: Apart) -> Rows:
    """What the processor says that it took, as the rows that it should be in the books."""
    rows: Rows = Counter()
    for moved in _balance_rows(service):
        payment = ask_sandbox(service, f"/v1/payments/{moved['source']}")
        contribution = ask_sandbox(service, f"/v1/checkouts/{payment['checkout']}")["contribution_id"]
        names = (moved["source"], contribution, moved["id"])
        rows["contribution", *names, _major(moved["amount"]), "0.00", "paid"] += 1
        rows["fee", *names, "0.00", _major(moved["fee"]), "paid"] += 1
    return rows


def _balance_rows(service: Apart) -> Iterator[Any]:
    """The processor's own books of payments, page by page."""
    after = ""
    while True:
        page = ask_sandbox(service, f"/v1/balance_transactions?after={after}")
        yield from page["data"]
        if not page["has_more"]:
            return
        after = page["data"][-1]["id"]


def booked(service: Apart) -> Rows:
    """Every row of the exported books."""
    text = service.command("export", "--from", "2026-01-01", "--to", next_year()).stdout
    names = ("type", "payment_ref", "contribution_id", "balance_transaction_ref", "gross", "fee", "status")
    return Counter(tuple(row[name] for name in names) for row in csv.DictReader(io.StringIO(text)))


def differences(taken: Rows, booked: Rows) -> list[str]:
    """What is in our books and should not be, and the other way round."""
    return [f"too much: {row}" for row in booked - taken] + [f"missing: {row}" for row in taken - booked]


def let_pending_payments_end(service: Apart, checkouts: list[str]) -> None:
    """Wait until the processor knows how these payments ended."""
    for checkout in checkouts:
        path = f"/v1/checkouts/{checkout}"
        wait_for(lambda path=path: ask_sandbox(service, path)["status"] in ("paid", "failed"))


def deliveries(service: Apart) -> list[dict[str, Any]]:
    """The deliveries that the sandbox has in line, from its own file: its API does not tell."""
    file = f"file:{service.folder / 'sandbox.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as connection:
        rows = connection.execute("SELECT body FROM document WHERE kind = 'delivery'").fetchall()
    return [json.loads(body) for (body,) in rows]


def ask_sandbox(service: Apart, path: str) -> Any:
    """GET an address of the sandbox's API."""
    headers = {"Authorization": f"Bearer {SANDBOX_KEY}"}
    answer = requests.get(f"{service.sandbox_url}{path}", headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.json()


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
