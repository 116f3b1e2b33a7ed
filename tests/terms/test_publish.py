"""``apresiasi terms publish``: a draft first, looked at, then frozen for ever."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from service import clock
from service.terms import library
from service.terms.reading import read_published
from tests.support.desk import VERSION, Desk
from tests.support.versions import PUBLISHER, draft, serve, terms_folder

NEXT, DAY = "2027-01", "2027-01-01"
BEGINS = datetime(2026, 12, 31, 17, tzinfo=UTC)  # midnight in Jakarta


@pytest.fixture
def folder(desk: Desk, tmp_path: Path) -> Iterator[Path]:
    made = terms_folder(tmp_path)
    serve(desk, library.load(made, PUBLISHER), made)
    with time_machine.travel(datetime(2026, 11, 25, tzinfo=UTC)):
        yield made


def publish(desk: Desk, *arguments: str) -> Any:
    return desk.command("terms", "publish", *arguments)


def edit(folder: Path, old: str, new: str, *locales: str) -> None:
    for locale in locales or ("id", "en"):
        path = folder / NEXT / f"{locale}.md"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


def test_from_the_newest_version_to_the_next(desk: Desk, folder: Path) -> None:
    begun = publish(desk, NEXT, "--effective-from", DAY)
    assert begun.exit_code == 0, begun.output
    assert str(folder / NEXT) in begun.output
    front = (folder / NEXT / "id.md").read_text()
    assert f'version = "{NEXT}"' in front
    assert "effective_from = 2027-01-01T00:00:00+07:00" in front
    edit(folder, "one short message", "one brief message", "en")
    edit(folder, "minimum = 10000", "minimum = 5000")
    looked = publish(desk, NEXT)
    assert looked.exit_code == 0, looked.output
    for told in ("en 3.1: A short message | You may add one [-short-]{+brief+} message",
                 "minimum: 10000 IDR > 5000 IDR", "Nothing is published yet"):  # fmt: skip
        assert told in looked.output
    assert NEXT not in read_published(folder)
    assert library.load(folder, PUBLISHER).versions() == [VERSION]
    done = json.loads(publish(desk, NEXT, "--yes", "--json").output)
    assert done["published"] is True
    assert (done["version"], done["compared_with"]) == (NEXT, VERSION)
    assert [(row["locale"], row["part"]) for row in done["changes"]] == [("en", "3.1")]
    terms = library.load(folder, PUBLISHER)
    assert terms.versions() == [VERSION, NEXT]
    assert terms.get(NEXT, "id").effective_from == BEGINS
    assert terms.limits_in_force(BEGINS).minimum.json_text() == "5000"


def test_what_is_published_is_published_once_and_frozen(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    told = publish(desk, NEXT, "--yes")
    assert (told.exit_code, "Restart every node" in told.output) == (0, True)
    serve(desk, library.load(folder, PUBLISHER), folder)
    again = publish(desk, NEXT, "--yes")
    assert again.exit_code == 1
    assert again.output == f"Error: terms {NEXT}: published already, and a published text never changes\n"
    edit(folder, "sukarela", "wajib", "id")
    with pytest.raises(library.ConfigError, match="differs from the hash"):
        library.load(folder, PUBLISHER)


def test_limits_are_frozen_as_well(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    publish(desk, NEXT, "--yes")
    edit(folder, "minimum = 10000", "minimum = 1000")
    with pytest.raises(library.ConfigError, match="limits or dates differ"):
        library.load(folder, PUBLISHER)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([VERSION, "--effective-from", DAY], "published already"),
        (["../x", "--effective-from", DAY], "a version is named by letters"),
        ([NEXT, "--effective-from", "2026-11-24"], "is not in the future"),
        ([NEXT, "--effective-from", "soon"], "is no day such as 2027-01-01"),
        ([NEXT], "a new version needs --effective-from"),
    ],
)
def test_a_draft_that_could_never_take_effect_is_not_begun(
    desk: Desk, folder: Path, arguments: list[str], why: str
) -> None:
    refused = publish(desk, *arguments)
    assert refused.exit_code in (1, 2)
    assert why in refused.output
    assert not (folder / NEXT).exists()


@pytest.mark.parametrize(
    ("old", "new", "locales", "why"),
    [
        ("### 4.2 ", "### 4.9 ", ("en",), "not exactly the fifteen clauses"),
        ("minimum = 10000", "minimum = 5000", ("id",), "the languages disagree on limits"),
        ("2027-01-01T", "2027-02-01T", ("id",), "the languages disagree on effective from"),
        ("2027-01-01T", "2026-11-02T", (), "is not in the future"),
        ("KOMPAS.com", "Tempo", (), "written for Tempo, not for KOMPAS.com"),
        ('offensive = "3.3"', 'offensive = "9.9"', (), "a reason names no clause"),
        ('offensive = "3.3"', 'rude = "3.3"', (), "the desk has no words for the reason 'rude'"),
        ("newsroom_operations =", "prizes =", (), "the purposes are not"),
        ("minimum = 10000", "minimum = 20000", (), "a preset is not between minimum and maximum"),
        ("email = 365", "email = 0", (), "what is kept needs a number of days"),
        ("T00:00:00+07:00", "T00:00:00", (), "no moment with its time zone"),
    ],
)  # fmt: skip
def test_a_draft_that_is_not_right_is_not_published(
    desk: Desk, folder: Path, old: str, new: str, locales: tuple[str, ...], why: str
) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    edit(folder, old, new, *locales)
    refused = publish(desk, NEXT, "--yes")
    assert refused.exit_code == 1
    assert why in refused.output
    assert refused.output.count("\n") == 1
    assert NEXT not in read_published(folder)
    library.load(folder, PUBLISHER)  # a draft never stops the start


def test_a_draft_without_a_language_is_not_published(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    (folder / NEXT / "en.md").unlink()
    refused = publish(desk, NEXT, "--yes")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)


def test_another_day_than_the_texts_say_is_told(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    assert "the texts say 2027-01-01" in publish(desk, NEXT, "--effective-from", "2027-03-01").output


def test_it_comes_after_every_other(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY)
    publish(desk, NEXT, "--yes")
    serve(desk, library.load(folder, PUBLISHER), folder)
    refused = publish(desk, "2026-12", "--effective-from", "2026-12-01")
    assert f"is not after {NEXT} takes effect" in refused.output


def test_another_name_needs_another_version_and_gets_it(desk: Desk, folder: Path) -> None:
    publish(desk, NEXT, "--effective-from", DAY, "--publisher", "KOMPAS")
    assert publish(desk, NEXT, "--yes").exit_code == 1
    done = publish(desk, NEXT, "--yes", "--publisher", "KOMPAS")
    assert done.exit_code == 0, done.output
    assert library.load(folder, PUBLISHER).get(NEXT, "id").title == "Syarat Apresiasi Spesial KOMPAS"
    with time_machine.travel(BEGINS + timedelta(minutes=1)):
        renamed = library.load(folder, "KOMPAS")
        assert renamed.get(VERSION, "id").publisher == PUBLISHER
        with pytest.raises(library.ConfigError, match="published for KOMPAS, not for"):
            library.load(folder, PUBLISHER)


def test_a_published_version_that_is_gone_stops_the_start(desk: Desk, folder: Path) -> None:
    draft(folder, NEXT, clock.now() + timedelta(days=3))
    for path in (folder / VERSION).iterdir():
        path.unlink()
    with pytest.raises(library.ConfigError, match=VERSION):
        library.load(folder, PUBLISHER)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(desk: Desk, folder: Path) -> None:
    wiring = desk.wiring
    settings = dataclasses.replace(wiring.settings, terms_folder=folder / "none" / "such")
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, settings=settings)
    refused = publish(desk, NEXT, "--effective-from", DAY)
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "cannot be written" in refused.output
