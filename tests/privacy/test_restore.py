"""After a restore, what was carried out since is carried out again, from a log outside the database."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from service.contributions.model import Contribution, Message
from service.contributions.queueing import place
from service.db import transaction
from service.privacy import log
from service.privacy.model import Certificate, PrivacyRequest
from tests.privacy.people import (
    API,
    ARTICLE,
    EMAIL,
    NAME,
    asked,
    by_email,
    empty_mails,
    given,
    link_in,
    mails,
    published,
    record,
    send_mails,
    traces,
)
from tests.support.desk import Desk
from tests.support.trail import change_behind_our_back

pytestmark = pytest.mark.clause("5.1")


def restore(desk: Desk, saved: Path) -> None:
    """Put an older copy of the SQLite file in the place of the present one."""
    desk.session.rollback()
    engine = desk.session.get_bind().engine
    engine.dispose()
    for ending in ("", "-wal", "-shm"):
        Path(f"{engine.url.database}{ending}").unlink(missing_ok=True)
    shutil.copy(saved, str(engine.url.database))


def save(desk: Desk, folder: Path) -> Path:
    """A backup of the SQLite file."""
    saved = folder / "backup.sqlite"
    desk.session.rollback()
    with closing(sqlite3.connect(desk.session.get_bind().engine.url.database)) as file:
        file.execute(f"VACUUM INTO '{saved}'")
    return saved


@pytest.mark.clause("5.1")
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_clause_5_1_erasures_are_replayed_after_a_restore(desk: Desk, logged: Path, tmp_path: Path) -> None:
    hers, taken_back, kept = published(desk), published(desk), published(desk)
    restricted, lifted = published(desk), published(desk)
    saved = save(desk, tmp_path)
    erased = asked(desk, "erase", reference=hers["reference"])
    withdrawn = asked(desk, "withdraw", reference=taken_back["reference"])
    asked(desk, "restrict", reference=restricted["reference"])
    over = asked(desk, "restrict", reference=lifted["reference"])
    desk.client.post(f"{API}/requests/{over['id']}/lift", headers=desk.headers("admin"))
    shown = {it["id"] for it in desk.wall(ARTICLE["url"])}
    assert shown == {desk.message_id(it["id"]) for it in (kept, lifted)}
    restore(desk, saved)
    desk._tokens.clear()
    assert len(desk.wall(ARTICLE["url"])) == 5
    said = json.loads(desk.command("privacy", "replay", "--json").output)
    assert said == {"known": 0, "erase": 1, "withdraw": 1, "restrict": 2, "lift": 1, "contributions": 5}
    assert {it["id"] for it in desk.wall(ARTICLE["url"])} == shown
    assert desk.look(hers["id"])["message_state"] == "erased"
    for told in (erased, withdrawn):
        found = json.loads(desk.command("privacy", "certificate", told["certificate"], "--json").output)
        assert (found["verified"], found["replayed_at"] is not None) == (True, True)
    assert desk.broken() == []
    again = json.loads(desk.command("privacy", "replay", "--json").output)
    assert again == {"known": 5}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_nothing_of_the_erased_is_left_after_it(desk: Desk, logged: Path, tmp_path: Path) -> None:
    published(desk)
    given(desk)
    saved = save(desk, tmp_path)
    by_email(desk, "erase")
    restore(desk, saved)
    desk._tokens.clear()
    assert traces(desk) != []
    desk.command("privacy", "replay")
    assert traces(desk) == []


def forget_that(desk: Desk, request_id: str) -> None:
    """As a restore of an older backup does: neither the request nor its certificates are known, and
    nothing of it was done."""
    change_behind_our_back(desk, "DELETE FROM privacy_certificate", "privacy_certificate")
    with transaction(desk.session):
        desk.session.execute(delete(PrivacyRequest).where(PrivacyRequest.id == request_id))
        desk.session.execute(update(Contribution).values(restricted_at=None, withdrawn_at=None))
        for message in desk.session.scalars(select(Message)):
            place(message, takes_part=True)


def lift(desk: Desk, request_id: str) -> Any:
    return desk.client.post(f"{API}/requests/{request_id}/lift", headers=desk.headers("admin"))


@pytest.mark.parametrize("way", ["reference", "email"])
def test_a_restriction_that_was_replayed_can_be_lifted(desk: Desk, logged: Path, way: str) -> None:
    answer = published(desk)
    by = {"reference": answer["reference"]} if way == "reference" else {}
    told = asked(desk, "restrict", **by) if by else by_email(desk, "restrict")
    forget_that(desk, told["id"])
    assert len(desk.wall(ARTICLE["url"])) == 1
    desk.command("privacy", "replay")
    found = record(desk, told["id"])
    same = (
        "kind",
        "state",
        "reference",
        "by",
        "done_by",
        "done_at",
        "contributions",
        "outcome",
        "certificate",
    )
    assert {name: found[name] for name in same} == {name: told[name] for name in same}
    assert desk.wall(ARTICLE["url"]) == []
    page = desk.client.get(f"/desk/admin/privacy/{told['id']}", headers=desk.headers("admin"))
    assert page.status_code == 200
    assert lift(desk, told["id"]).status_code == 200
    assert len(desk.wall(ARTICLE["url"])) == 1
    assert {it.invariant for it in desk.broken()} <= {"append_only_is_enforced"}  # we took that away


def test_a_later_restriction_that_is_lifted_leaves_the_replayed_one(desk: Desk, logged: Path) -> None:
    answer = published(desk)
    told = asked(desk, "restrict", reference=answer["reference"])
    forget_that(desk, told["id"])
    desk.command("privacy", "replay")
    later = asked(desk, "restrict", reference=answer["reference"])
    assert lift(desk, later["id"]).status_code == 200
    assert desk.wall(ARTICLE["url"]) == []
    assert lift(desk, told["id"]).status_code == 200
    assert len(desk.wall(ARTICLE["url"])) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_replayed_end_of_a_restriction_is_one(desk: Desk, logged: Path, known: bool) -> None:
    """Whether the backup holds the request or not."""
    answer = published(desk)
    told = asked(desk, "restrict", reference=answer["reference"])
    ended = lift(desk, told["id"]).get_json()
    if known:
        last = "DELETE FROM privacy_certificate WHERE kind = 'lift'"
        change_behind_our_back(desk, last, "privacy_certificate")
        with transaction(desk.session):
            desk.session.execute(update(PrivacyRequest).values(lifted_at=None, lifted_by=None))
    else:
        forget_that(desk, told["id"])
    said = json.loads(desk.command("privacy", "replay", "--json").output)
    assert said["lift"] == 1
    found = record(desk, told["id"])
    assert (found["lifted_at"], found["lifted_by"]) == (ended["lifted_at"], ended["lifted_by"])
    assert lift(desk, told["id"]).get_json()["code"] == "not_decidable"
    later = asked(desk, "restrict", reference=answer["reference"])
    assert lift(desk, later["id"]).status_code == 200
    assert len(desk.wall(ARTICLE["url"])) == 1


@pytest.mark.parametrize("kind", ["erase", "withdraw", "restrict"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_link_that_was_followed_before_the_restore_is_not_good_again(
    desk: Desk, logged: Path, tmp_path: Path, kind: str
) -> None:
    """The backup holds the request as it waited."""
    published(desk)
    empty_mails(desk)
    told = asked(desk, kind, email=EMAIL)
    send_mails(desk)
    link = link_in(mails(desk)[0])
    saved = save(desk, tmp_path)
    assert desk.client.post(link).status_code == 200
    restore(desk, saved)
    desk._tokens.clear()
    desk.command("privacy", "replay")
    assert desk.client.post(link).status_code == 410
    found = record(desk, told["id"])
    assert (found["state"], found["done_by"], found["contributions"]) == ("done", "reader", 1)
    assert found["certificate"] is not None
    assert desk.broken() == []


def test_the_log_names_nobody_and_has_each_act_once(desk: Desk, logged: Path) -> None:
    told = asked(desk, "erase", reference=published(desk)["reference"])
    asked(desk, "withdraw", reference=published(desk)["reference"])
    said = logged.read_text()
    assert not [word for word in (NAME, EMAIL) if word.lower() in said.lower()]
    lines = [json.loads(line) for line in said.splitlines()]
    assert [it["kind"] for it in lines] == ["erase", "withdraw"]
    assert lines[0]["number"] == told["certificate"]
    assert logged.stat().st_mode & 0o077 == 0
    desk.session.rollback()
    assert log.bring_up(desk.session, logged) == 0


def test_a_log_that_a_crash_left_behind_is_brought_up(desk: Desk, logged: Path) -> None:
    told = asked(desk, "erase", reference=published(desk)["reference"])
    logged.unlink()
    desk.session.rollback()
    assert log.bring_up(desk.session, logged) == 1
    assert [it["number"] for it in log.read(logged)] == [told["certificate"]]


def test_a_log_that_was_changed_is_not_trusted(desk: Desk, logged: Path) -> None:
    public, hers = published(desk), published(desk)
    asked(desk, "erase", reference=hers["reference"])
    logged.write_text(logged.read_text().replace(hers["id"], public["id"]))
    refused = desk.command("privacy", "replay")
    assert refused.exit_code != 0
    assert "line 1 was changed" in refused.output
    assert desk.look(public["id"])["message_state"] == "published"


def test_contributions_that_the_backup_does_not_have_are_passed(desk: Desk, logged: Path) -> None:
    told: dict[str, Any] = asked(desk, "erase", reference=published(desk)["reference"])
    desk.session.rollback()
    certificate = desk.session.scalars(select(Certificate)).one()
    assert certificate.number == record(desk, told["id"])["certificate"]
    change_behind_our_back(desk, "DELETE FROM privacy_certificate", "privacy_certificate")
    line = json.loads(logged.read_text())
    assert line["contributions"]
    assert json.loads(desk.command("privacy", "replay", "--json").output) == {
        "known": 0,
        "erase": 1,
        "contributions": 1,
    }
