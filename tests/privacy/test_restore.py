"""After a restore, what was carried out since is carried out again, from a log outside the database."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from service.privacy import log
from service.privacy.model import Certificate
from tests.privacy.people import (
    API,
    ARTICLE,
    EMAIL,
    NAME,
    asked,
    by_email,
    given,
    published,
    record,
    traces,
)
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")


@pytest.fixture
def logged(desk: Desk) -> Path:
    """The log of this test alone."""
    path = desk.wiring.settings.erasure_log
    path.unlink(missing_ok=True)
    return path


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
    desk.session.rollback()
    if desk.database == "postgresql":
        desk.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        desk.session.execute(text("DROP TRIGGER privacy_certificate_no_delete"))
    desk.session.execute(text("DELETE FROM privacy_certificate"))
    desk.session.commit()
    line = json.loads(logged.read_text())
    assert line["contributions"]
    assert json.loads(desk.command("privacy", "replay", "--json").output) == {
        "known": 0,
        "erase": 1,
        "contributions": 1,
    }
