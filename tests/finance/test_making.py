"""Files are made once, whole, by one maker at a time, whatever happens to it."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.finance.exports import make, record, running
from service.finance.exports.make import MadeElsewhere
from service.finance.exports.selection import of_query
from service.finance.model import Export
from service.jobs import exporting
from tests.support.desk import Desk

EXPORT = "/api/v1/desk/finance/export"


def query(**changes: str) -> dict[str, str]:
    year = clock.now().year
    return {"from": f"{year}-01-01", "to": f"{year}-12-31", **changes}


def ordered(desk: Desk) -> str:
    year = clock.now().date().replace(month=1, day=1)
    wanted = of_query(
        {
            "first": year,
            "last": year.replace(month=12, day=31),
            "rows": "movements",
            "format": "csv",
            "dialect": "standard",
        }
    )
    return record.begin(desk.session, wanted, "7.2", "test").id


def look(desk: Desk, export_id: str) -> dict[str, Any]:
    response = desk.client.get(f"/api/v1/desk/finance/exports/{export_id}", headers=desk.headers("finance"))
    answer: dict[str, Any] = response.get_json()
    return answer


def test_a_download_is_gone_on_with_by_range(desk: Desk) -> None:
    desk.paid(amount="10001")
    whole = desk.client.get(EXPORT, query_string=query(), headers=desk.headers("finance"))
    export_id = whole.headers["X-Export-Id"]
    told = look(desk, export_id)
    assert (told["state"], told["rows"], told["size"]) == ("finished", 2, len(whole.data))
    assert told["control_totals"]["currencies"] == [
        {"currency": "IDR", "rows": 2, "gross": "10001.00", "fee": "70.01", "net": "9930.99"}
    ]
    assert told["statement"]
    address = f"/api/v1/desk/finance/exports/{export_id}/content"
    headers = desk.headers("auditor")
    again = desk.client.get(address, headers=headers)
    assert (again.status_code, again.data) == (200, whole.data)
    rest = desk.client.get(address, headers={**headers, "Range": "bytes=100-"})
    assert (rest.status_code, rest.data) == (206, whole.data[100:])
    assert rest.headers["X-Export-Id"] == export_id
    stale = desk.client.get(address, headers={**headers, "Range": "bytes=100-", "If-Range": '"other"'})
    assert stale.status_code == 200


def test_looking_at_the_head_makes_nothing(desk: Desk) -> None:
    assert desk.client.head(EXPORT, query_string=query(), headers=desk.headers("finance")).status_code == 200
    assert desk.session.scalars(select(Export)).all() == []


def test_a_reader_who_goes_away_does_not_stop_it(desk: Desk) -> None:
    desk.paid()
    export_id = ordered(desk)
    maker = running.Running(desk.app.extensions["workshop"], export_id)
    assert maker.start()
    sent = maker.follow()
    next(sent)
    sent.close()
    for thread in threading.enumerate():
        if thread.name == f"export-{export_id}":
            thread.join(30)
    assert look(desk, export_id)["state"] == "finished"


def test_a_file_is_made_by_one_maker(desk: Desk) -> None:
    desk.paid()
    shop, export_id = desk.app.extensions["workshop"], ordered(desk)
    first = make.chunks(shop, export_id)
    next(first)
    with pytest.raises(MadeElsewhere):
        next(make.chunks(shop, export_id))
    assert b"".join(first)
    with pytest.raises(MadeElsewhere):
        next(make.chunks(shop, export_id))


def test_one_that_was_left_behind_is_made_by_the_worker(desk: Desk) -> None:
    desk.paid()
    export_id = ordered(desk)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        desk.session.rollback()
        assert exporting.go_on(desk.session, desk.wiring) == 1
        assert exporting.go_on(desk.session, desk.wiring) == 0
    told = look(desk, export_id)
    assert (told["state"], told["rows_done"]) == ("finished", 2)


def test_a_maker_that_lost_its_lease_leaves_the_others_file(desk: Desk) -> None:
    desk.paid()
    shop, export_id = desk.app.extensions["workshop"], ordered(desk)
    slow = make.chunks(shop, export_id)
    next(slow)
    with Session(shop.engine) as session, session.begin():
        session.get_one(Export, export_id).leased_until = clock.now() - timedelta(seconds=1)
    # Its heartbeat would renew the lease within a second; another takes it before that.
    other = make.chunks(shop, export_id)
    whole = b"".join(other)
    with pytest.raises(record.LeaseLost):
        list(slow)
    assert shop.path(export_id).read_bytes() == whole
    assert look(desk, export_id)["state"] == "finished"


def test_a_failure_is_told_and_leaves_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "totals_and_span", lambda *_: 1 / 0)
    response = desk.client.get(EXPORT, query_string=query(), headers=desk.headers("finance"))
    assert response.status_code == 503
    export = desk.session.scalars(select(Export)).one()
    assert export.state == "failed"
    desk.session.rollback()
    content = desk.client.get(
        f"/api/v1/desk/finance/exports/{export.id}/content", headers=desk.headers("finance")
    )
    assert content.status_code == 404


def test_only_our_own_old_files_are_forgotten(desk: Desk, tmp_path: Path) -> None:
    settings = desk.wiring.settings
    folder = settings.export_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.txt").write_text("keep")
    (folder / "a folder").mkdir(exist_ok=True)
    ours, part = folder / ("a" * 32), folder / f"{'b' * 32}.part"
    ours.write_text("old")
    part.write_text("half")
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        exporting.forget_files(desk.session, desk.wiring)
        assert (ours.exists(), part.exists()) == (True, False)
    with time_machine.travel(clock.now() + timedelta(days=settings.export_days + 1), tick=False):
        exporting.forget_files(desk.session, desk.wiring)
    assert not ours.exists()
    assert (folder / "notes.txt").exists()
