"""The kill switch (clause 4.3): by scope and time, at once, audited."""

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.controls import switches
from service.controls.scopes import EVERYTHING, Scope, covering
from service.controls.settings import CLOSED, OPEN, SCHEDULED, Setting, state_at
from service.errors import FeatureClosed, ValidationFailed
from service.staff.model import AuditEntry
from tests.support.desk import ARTICLE, Desk

SECTION, OTHER_SECTION = "section:Kemensos", "section:Money"
ELSEWHERE = "https://money.kompas.com/read/2026/11/20/harga-beras"
HOUR = timedelta(hours=1)


def is_open(desk: Desk, article: str | None = ARTICLE, section: str | None = "Kemensos") -> bool:
    desk.session.rollback()
    return switches.current(desk.session, article, section).open


def in_an_hour() -> datetime:
    return clock.now() + HOUR


@pytest.mark.parametrize("text", ["all", "section:Ekonomi: makro", f"article:{ARTICLE}"])
def test_scopes_are_written_as_the_contract_says(text: str) -> None:
    assert str(Scope.of_text(text)) == text


@pytest.mark.parametrize("text", ["", "all:", "all:x", "section:", "section", "article:", "page:x", "ALL"])
def test_other_words_are_no_scope(text: str) -> None:
    with pytest.raises(ValueError, match="a scope is"):
        Scope.of_text(text)


def test_an_article_is_covered_from_the_widest_to_the_narrowest() -> None:
    found = [str(scope) for scope in covering(ARTICLE, "Kemensos")]
    assert found == ["all", SECTION, f"article:{ARTICLE}"]
    assert covering(None, None) == [EVERYTHING]


def test_without_a_row_everything_is_open(desk: Desk) -> None:
    assert switches.current(desk.session, ARTICLE, "Kemensos") == Setting()


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("section", [True, False])
@pytest.mark.parametrize("article", [True, False])
def test_closed_if_any_scope_that_covers_it_is_closed(
    desk: Desk, whole: bool, section: bool, article: bool
) -> None:
    """Rows of every scope, each open or closed: neither wide nor narrow opens what another closes."""
    for scope, open_ in (("all", whole), (SECTION, section), (f"article:{ARTICLE}", article)):
        desk.turn(open_=open_, scope=scope)
    assert is_open(desk) is (whole and section and article)
    assert is_open(desk, ELSEWHERE, None) is whole
    assert is_open(desk, f"{ARTICLE}-2") is (whole and section)
    assert is_open(desk, None, None) is whole


@pytest.mark.parametrize(
    ("from_", "until", "states"),
    [
        (None, None, (CLOSED, CLOSED, CLOSED)),
        (None, 1, (CLOSED, OPEN, OPEN)),
        (1, None, (SCHEDULED, CLOSED, CLOSED)),
        (1, 2, (SCHEDULED, CLOSED, OPEN)),
        (-1, 2, (CLOSED, CLOSED, OPEN)),
    ],
)
def test_time_is_compared_when_the_switch_is_read(
    desk: Desk,
    traveller: time_machine.Traveller,
    from_: int | None,
    until: int | None,
    states: tuple[str, str, str],
) -> None:
    now = clock.now()
    desk.close_feature(
        from_at=now + from_ * HOUR if from_ is not None else None,
        until_at=now + until * HOUR if until is not None else None,
    )
    found = []
    for _ in states:
        found.append(state_at(switches.find(desk.session, EVERYTHING), clock.now()))
        assert is_open(desk) is (found[-1] != CLOSED)
        traveller.shift(HOUR)
    assert tuple(found) == states


def test_a_closing_ends_to_the_second(desk: Desk, traveller: time_machine.Traveller) -> None:
    desk.close_feature(until_at=in_an_hour())
    traveller.shift(HOUR - timedelta(microseconds=1))
    assert not is_open(desk)
    traveller.shift(timedelta(microseconds=1))
    assert is_open(desk)


def test_the_narrowest_closing_gives_the_reason_and_any_hides(desk: Desk) -> None:
    desk.close_feature(public_reason="maintenance", walls="hide")
    desk.close_feature(SECTION, public_reason="ended", widget="hide")
    found = switches.current(desk.session, ARTICLE, "Kemensos")
    assert found == Setting(False, "ended", "hide", "hide")
    with pytest.raises(FeatureClosed) as refused:
        switches.require_open(desk.session, ELSEWHERE, None)
    assert refused.value.public_reason == "maintenance"


@pytest.mark.parametrize(
    ("open_", "change", "field"),
    [
        (False, {"public_reason": "bored"}, "public_reason"),
        (False, {"walls": "paint"}, "walls"),
        (False, {"widget": "keep"}, "widget"),
        (False, {"until": -1}, "until"),
        (False, {"from": 2, "until": 1}, "until"),
        (True, {"until": 1}, "until"),
        (True, {"from": 1}, "from"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Desk, open_: bool, change: dict[str, object], field: str
) -> None:
    times = {f"{name}_at": clock.now() + change[name] * HOUR for name in ("from", "until") if name in change}
    change = {name: value for name, value in change.items() if name not in ("from", "until")}
    with pytest.raises(ValidationFailed) as refused:
        desk.turn(open_=open_, **change, **times)
    assert list(refused.value.errors) == [field]
    assert is_open(desk)


def test_a_later_closing_never_opens_what_is_closed(desk: Desk) -> None:
    desk.close_feature()
    with pytest.raises(ValidationFailed):
        desk.close_feature(from_at=in_an_hour())
    assert not is_open(desk)


def test_opening_later_ends_the_closing_then(desk: Desk, traveller: time_machine.Traveller) -> None:
    desk.close_feature(public_reason="maintenance", walls="hide")
    desk.open_feature(from_at=in_an_hour())
    assert switches.current(desk.session, None, None) == Setting(False, "maintenance", "hide", "notice")
    traveller.shift(HOUR)
    assert is_open(desk)


def test_opening_takes_a_scheduled_closing_back(desk: Desk, traveller: time_machine.Traveller) -> None:
    desk.close_feature(from_at=in_an_hour())
    desk.open_feature()
    traveller.shift(2 * HOUR)
    assert is_open(desk)


def test_a_section_must_be_configured_unless_it_was_set_before(desk: Desk) -> None:
    for scope in (OTHER_SECTION, "article:https://example.com/a", "article:x", "everything"):
        with pytest.raises(ValidationFailed):
            desk.close_feature(scope)
    desk.close_feature(f"article:{ARTICLE}/?utm_source=x#top")
    assert not is_open(desk)
    assert is_open(desk, None, "Kemensos")


def test_the_longest_article_can_be_closed(desk: Desk) -> None:
    article = "https://kompas.com/kemensos/" + "a" * (2000 - 28)
    desk.close_feature(f"article:{article}")
    assert not is_open(desk, article)
    entry = desk.session.scalars(select(AuditEntry)).one()
    assert entry.details["scope"] == f"article:{article}"


@pytest.mark.clause("4.3")
def test_every_change_is_audited_with_before_and_after(desk: Desk) -> None:
    desk.close_feature(SECTION, public_reason="maintenance", reason="new processor")
    desk.open_feature(SECTION)
    closed, opened = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert (closed.action, closed.actor, closed.subject) == ("feature.closed", "test", SECTION)
    after = {
        "open": False, "public_reason": "maintenance", "walls": "keep", "widget": "notice",
        "from": None, "until": None,
    }  # fmt: skip
    assert closed.details == {"scope": SECTION, "before": None, "after": after, "reason": "new processor"}
    assert (opened.action, opened.details["before"]) == ("feature.opened", after)
    assert opened.details["after"]["open"] is True
