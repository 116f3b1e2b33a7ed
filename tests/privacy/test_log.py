"""The log outside of the database bears a crash, a full disk and a damaged line."""

import json
from pathlib import Path

import pytest

from service.privacy import disk, log
from tests.privacy.people import EMAIL, MESSAGE, asked, by_email, empty_mails, mails, published
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")


def erased(desk: Desk) -> str:
    """The number of a new certificate."""
    number: str = asked(desk, "erase", reference=published(desk)["reference"])["certificate"]
    return number


def numbers(path: Path) -> list[str]:
    return [it["number"] for it in log.read(path)]


@pytest.mark.parametrize("kept", [1, 40, -2, -1])
def test_a_last_line_that_a_crash_tore_is_mended_by_the_next_act(desk: Desk, logged: Path, kept: int) -> None:
    """Down to its end of line alone."""
    first, second = erased(desk), erased(desk)
    whole, torn = logged.read_bytes().splitlines(keepends=True)
    logged.write_bytes(whole + torn[:kept])
    assert numbers(logged) == [first, second][: 2 if kept == -1 else 1]
    third = erased(desk)
    assert sorted(numbers(logged)) == sorted([first, second, third])
    assert all(json.loads(line) for line in logged.read_text().splitlines())


def test_what_is_whole_but_for_its_end_of_line_is_kept(desk: Desk, logged: Path) -> None:
    """Also where this database, restored, does not know it."""
    erased(desk)
    foreign = json.loads(logged.read_text()) | {"number": "PD-0000-0000"}
    logged.write_text(json.dumps(foreign))
    erased(desk)
    assert json.loads(logged.read_text().splitlines()[0])["number"] == "PD-0000-0000"


def test_a_torn_line_does_not_stop_a_replay(desk: Desk, logged: Path) -> None:
    erased(desk)
    with logged.open("ab") as file:
        file.write('{"at": "2026-11-24T07:05:00Z", "by": "Sé'.encode()[:-1])
    assert json.loads(desk.command("privacy", "replay", "--json").output) == {"known": 1}


@pytest.mark.parametrize("damaged", [b"\x00\x00\xff\n", b"[]\n", b"{}\n", b'"PD"\n', b'{"number": 1}\n'])
def test_a_line_in_the_middle_that_says_nothing_stops_replays_and_no_act(
    desk: Desk, logged: Path, damaged: bytes
) -> None:
    first = erased(desk)
    logged.write_bytes(damaged + logged.read_bytes())
    second = erased(desk)
    assert (
        logged.read_text(errors="replace").count(second)
        == logged.read_text(errors="replace").count(first)
        == 1
    )
    refused = desk.command("privacy", "replay")
    assert "line 1 was changed" in refused.output
    assert refused.exit_code == 1


def test_a_log_that_cannot_be_written_undoes_no_act_and_is_brought_up_later(desk: Desk, logged: Path) -> None:
    answer = published(desk)
    logged.mkdir()
    try:
        told = asked(desk, "erase", reference=answer["reference"])
    finally:
        logged.rmdir()
    assert told["state"] == "done"
    assert desk.look(answer["id"])["message_state"] == "erased"
    second = erased(desk)
    assert sorted(numbers(logged)) == sorted([told["certificate"], second])


def test_one_thing_that_fails_afterwards_keeps_nothing_else_from_being_done(
    desk: Desk, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, f"no space left, {EMAIL}")

    published(desk)
    scrubbed: list[object] = []
    monkeypatch.setattr("service.mail.folder.forget", full)
    monkeypatch.setattr(disk, "scrub", scrubbed.append)
    told = by_email(desk, "erase")
    assert numbers(logged) == [told["certificate"]]
    assert len(scrubbed) == 1
    monkeypatch.setattr(log, "bring_up", full)
    assert asked(desk, "erase", reference=published(desk, message=MESSAGE)["reference"])["state"] == "done"
    assert len(scrubbed) == 2
    assert mails(desk)
    empty_mails(desk)
