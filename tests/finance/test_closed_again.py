"""A closing that was interrupted, repeated, or tampered with."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from service import append_only
from service.finance.closing import close
from service.finance.closing.months import read_month
from service.finance.model import PeriodManifest
from tests.finance.months import closing, december, look, thirds
from tests.support.desk import Desk

FIRST = {"service_continuity": {"IDR": 2_500_000}, "content_development": {}, "newsroom_operations": {}}


def test_an_interrupted_closing_is_gone_on_with(
    desk: Desk, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.paid()
    december(clock)
    desk.headers("finance")
    shop = desk.app.extensions["workshop"]
    monkeypatch.setattr(close, "make_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        close.close(
            shop,
            desk.session,
            read_month("2026-11"),
            {"service_continuity": {"IDR": 2_500_000}, "content_development": {}, "newsroom_operations": {}},
            "x",
        )
    monkeypatch.undo()
    desk.session.rollback()
    assert look(desk)["state"] == "closing"
    clock.shift(timedelta(days=1))
    assert closing(desk, thirds("25000")).status_code == 200
    made = desk.session.scalars(select(PeriodManifest)).one()
    assert json.loads(made.manifest)["period"] == "2026-11"


def test_a_closed_month_that_was_changed_is_found(desk: Desk, clock: Any) -> None:
    desk.paid()
    december(clock)
    assert closing(desk, thirds("25000")).status_code == 200
    assert desk.broken() == []
    desk.session.rollback()
    with desk.session.get_bind().begin() as connection:
        append_only.unprotect(connection, ["period_row"])
        connection.execute(text("UPDATE period_row SET message_state = 'erased'"))
        append_only.protect(connection, ["period_row"])
    (found,) = desk.broken()
    assert (found.invariant, found.ids) == ("closed_months_verify", ["2026-11"])


def test_the_next_month_waits_until_the_one_before_is_hashed(
    desk: Desk, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.paid()
    clock.move_to(datetime(2027, 1, 5, 3, tzinfo=UTC))
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(close, "make_manifest", lambda *_: 1 / 0)
        close.close(desk.app.extensions["workshop"], desk.session, read_month("2026-11"), FIRST, "x")
    desk.session.rollback()
    # Another allocation is not taken silently for a month that was frozen with the first.
    other = closing(desk, thirds("0", "25000"))
    assert (other.status_code, other.get_json()["code"]) == (409, "period_closed")
    december_ = closing(desk, thirds("0"), "2026-12")
    assert december_.status_code == 200
    assert december_.get_json()["manifest"]["previous"]["sha256"] == look(desk)["sha256"]
    assert desk.broken() == []
