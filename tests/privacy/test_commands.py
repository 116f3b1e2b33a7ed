"""``apresiasi privacy``: the same requests from the command line, with the same record."""

import json
from typing import Any

import pytest

from service.privacy.kinds import KINDS
from tests.privacy.people import ARTICLE, EMAIL, NAME, PROOF, empty_mails, mails, published, send_mails
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")


def run(desk: Desk, *arguments: str) -> Any:
    done = desk.command("privacy", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_can_be_made_from_the_command_line(desk: Desk, kind: str) -> None:
    answer = published(desk)
    more = ["--display-name", "Melati"] if kind == "correct" else []
    told = run(desk, kind, "--reference", answer["reference"], "--proof", PROOF, *more)
    if kind == "export":
        assert told["contributions"][0]["email"] == EMAIL
    else:
        assert (told["state"], told["done_by"], told["contributions"]) == ("done", "command line", 1)
    assert [it["kind"] for it in run(desk, "list")] == [kind]
    shown = [it["display_name"] for it in desk.wall(ARTICLE["url"])]
    assert shown == {"export": [NAME], "correct": [None]}.get(kind, [])
    assert desk.broken() == []


def test_a_restriction_is_lifted_from_the_command_line(desk: Desk) -> None:
    answer = published(desk)
    told = run(desk, "restrict", "--reference", answer["reference"], "--proof", PROOF)
    assert run(desk, "lift", told["id"])["lifted_by"] == "command line"
    assert len(desk.wall(ARTICLE["url"])) == 1
    assert desk.command("privacy", "lift", told["id"]).exit_code == 1


def test_by_email_nothing_happens_before_the_link_is_confirmed(desk: Desk) -> None:
    answer = published(desk)
    empty_mails(desk)
    done = desk.command("privacy", "erase", "--email", EMAIL, "--proof", PROOF)
    assert done.exit_code == 0
    assert "nothing happens before it is confirmed" in done.output
    assert EMAIL not in done.output
    assert send_mails(desk) == len(mails(desk)) == 1
    assert desk.look(answer["id"])["message_state"] == "published"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["erase", "--reference", "AS-0000-0000", "--proof", PROOF], "no contribution has this reference"),
        (["erase", "--proof", PROOF], "reference"),
        (["erase", "--email", "nowhere", "--proof", PROOF], "email"),
        (["erase", "--email", EMAIL, "--proof", "4111 1111 1111 1111"], "proof"),
        (["certificate", "PD-0000-0000"], "no such certificate"),
    ],
)
def test_what_is_wrong_is_one_line(desk: Desk, arguments: list[str], said: str) -> None:
    published(desk)
    done = desk.command("privacy", *arguments)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
