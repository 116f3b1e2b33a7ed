"""An acceptance holds only for a time at which its version was in force (clause 6.1)."""

import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest

from service import clock
from service.db import transaction
from service.terms.model import Acceptance
from tests.support.desk import VERSION
from tests.terms.conftest import NEXT, Changing

pytestmark = pytest.mark.clause("6.1")
AFTER = "it was accepted when another version had taken its place"
BEFORE = "it was accepted before it took effect"


@pytest.mark.parametrize(
    ("version", "minutes", "problem"),
    [(VERSION, -1, None), (VERSION, 0, AFTER), (VERSION, 9, AFTER), (NEXT, -1, BEFORE), (NEXT, 0, None)],
)
def test_verify_and_check_refuse_another_time(
    about_to_change: Changing, tmp_path: Path, version: str, minutes: int, problem: str | None
) -> None:
    desk = about_to_change.desk
    given, file = desk.given(), str(tmp_path / "kept.json")
    text = desk.wiring.terms.get(version, "id")
    said = {"version": version, "locale": "id", "sha256": text.sha256, "agreement": text.agreement}
    accepted_at = about_to_change.effective + timedelta(minutes=minutes)
    with transaction(desk.session):
        desk.session.add(Acceptance(contribution_id=given["id"], accepted_at=accepted_at, **said))
    told = desk.command("terms", "verify", given["reference"], "--export", file, "--json")
    assert json.loads(told.output)["acceptances"][1]["problems"] == ([problem] if problem else [])
    offline = desk.command("terms", "verify", "--file", file)
    assert (offline.exit_code, problem is None or problem in offline.output) == (int(bool(problem)), True)
    found = [(it.invariant, it.ids) for it in desk.broken()]
    assert found == ([("acceptances_match_published_terms", [given["id"]])] if problem else [])


def test_what_is_accepted_while_the_terms_change_was_in_force(
    changing: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second goes by whenever the clock is read; the change falls between any two readings."""
    desk, taken = changing.desk, 0
    for seconds in range(24):
        moments = itertools.count()
        start = changing.effective - timedelta(seconds=seconds)
        with monkeypatch.context() as ticking:
            ticking.setattr(clock, "now", lambda: start + timedelta(seconds=next(moments)))  # noqa: B023  # used inside
            taken += desk.give(f"at {seconds}").status_code == 201
    assert 0 < taken < 24
