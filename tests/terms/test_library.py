"""The published terms: complete, frozen, served, and binding."""

import hashlib
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.config import ROOT
from service.environment import ConfigError
from service.terms import library, reading
from tests.support.desk import VERSION, Desk

FIFTEEN = [
    "1.1",
    "1.2",
    "2.1",
    "2.2",
    "3.1",
    "3.2",
    "3.3",
    "4.1",
    "4.2",
    "4.3",
    "5.1",
    "5.2",
    "6.1",
    "7.1",
    "7.2",
]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "terms", tmp_path / "terms"))


@pytest.mark.parametrize("locale", ["id", "en"])
def test_all_fifteen_clauses_stand_in_both_languages(locale: str) -> None:
    text = library.load(ROOT / "terms", "KOMPAS.com").in_force(NOW, locale)
    assert [clause.id for clause in text.clauses] == FIFTEEN
    assert all(clause.text and clause.title for clause in text.clauses)
    assert len(text.sections) == 7


@pytest.mark.clause("6.1")
def test_a_published_text_that_was_changed_stops_the_start(folder: Path) -> None:
    path = folder / VERSION / "id.md"
    path.write_text(path.read_text().replace("sukarela", "wajib"))
    with pytest.raises(ConfigError, match="differs from the hash"):
        library.load(folder, "KOMPAS.com")


def test_another_publisher_needs_another_version(folder: Path) -> None:
    with pytest.raises(ConfigError, match="not for Tempo"):
        library.load(folder, "Tempo")


@pytest.mark.parametrize(
    ("old", "new"),
    [("### 4.2 ", "### 4.9 "), ("minimum = 10000", "minimum = 20000"), ('locale = "id"', 'locale = "en"'), ("+++", "---"),
     ("[limits]", "[limit]")],
)  # fmt: skip
def test_a_broken_text_stops_the_start_with_one_line(folder: Path, old: str, new: str) -> None:
    path = folder / VERSION / "id.md"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ConfigError) as stopped:
        library.load(folder, "KOMPAS.com")
    assert "\n" not in str(stopped.value)


def test_a_new_version_takes_effect_at_its_time(folder: Path) -> None:
    shutil.copytree(folder / VERSION, folder / "2027-01")
    found: dict[str, str] = {}
    for locale in ("id", "en"):
        path = folder / "2027-01" / f"{locale}.md"
        changed = path.read_text().replace(f'version = "{VERSION}"', 'version = "2027-01"')
        path.write_text(changed.replace("2026-11-01T", "2027-01-01T"))
        text = reading.read_text(path)
        found |= library.hashes_of(text)
    published = folder / "published.toml"
    hashes = "".join(f'{name} = "{hash_}"\n' for name, hash_ in found.items())
    published.write_text(f'{published.read_text()}["2027-01"]\n{hashes}')
    loaded = library.load(folder, "KOMPAS.com")
    assert loaded.version_in_force(NOW) == VERSION
    assert loaded.version_in_force(datetime(2027, 1, 2, tzinfo=UTC)) == "2027-01"
    assert loaded.versions() == [VERSION, "2027-01"]


@pytest.mark.clause("7.1")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (f"{VERSION}/en.md", "## 7 ", "## 7 The publisher pays for every loss, and "),
        (f"{VERSION}/en.md", "## 1 ", "## 1 Other "),
        (f"{VERSION}/*.md", 'publisher = "KOMPAS.com"', 'publisher = "Tempo"'),
        ("published.toml", "limits = ", "# limits = "),
        ("published.toml", "id_frame = ", "# id_frame = "),
    ],
)
def test_headings_name_and_limits_are_frozen_too(tmp_path: Path, name: str, old: str, new: str) -> None:
    folder = Path(shutil.copytree(ROOT / "terms", tmp_path / "terms"))
    for path in folder.glob(name):
        before = path.read_text()
        path.write_text(before.replace(old, new, 1))
        assert path.read_text() != before
    for publisher in ("KOMPAS.com", "Tempo"):
        with pytest.raises(ConfigError, match="differ"):
            library.load(folder, publisher)


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_terms_are_served_and_their_hash_can_be_computed(desk: Desk, locale: str) -> None:
    answer = desk.client.get(f"/api/v1/terms?locale={locale}").get_json()
    clauses = "".join(f"{clause['id']} {clause['title']}\n{clause['text']}\n" for clause in answer["clauses"])
    text = f"{answer['title']}\n{clauses}{answer['agreement']}\n"
    assert hashlib.sha256(text.encode()).hexdigest() == answer["sha256"]
    assert answer["locale"] == locale
    assert [clause["id"] for clause in answer["clauses"]] == FIFTEEN
    assert desk.client.get(f"/api/v1/terms/{VERSION}?locale={locale}").get_json() == answer


def test_an_unknown_version_is_not_found(desk: Desk) -> None:
    assert desk.client.get("/api/v1/terms/1999-01").get_json()["code"] == "not_found"
    assert desk.client.get("/terms/1999-01").status_code == 404


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_page_shows_every_clause_under_its_own_address(desk: Desk, locale: str) -> None:
    page = desk.client.get(f"/terms?lang={locale}").text
    assert re.findall(r'id="clause-([\d.]+)"', page) == FIFTEEN


@pytest.mark.clause("6.1")
def test_what_a_contribution_accepted_is_what_is_published(desk: Desk) -> None:
    answer = desk.given(locale="en")
    served = desk.client.get(f"/api/v1/terms/{answer['terms']['version']}?locale=en").get_json()
    assert answer["terms"]["sha256"] == served["sha256"]


@pytest.mark.clause("1.2", "3.1")
def test_limits_of_the_terms_are_the_features(desk: Desk) -> None:
    feature = desk.client.get("/api/v1/feature?locale=en").get_json()
    assert feature["presets"] == ["10000", "25000", "50000", "100000"]
    assert (feature["minimum"], feature["maximum"], feature["currency"]) == ("10000", "10000000", "IDR")
    assert (feature["message_max_length"], feature["terms_version"]) == (280, VERSION)
    assert feature["locales"] == ["id", "en"]
    assert feature["processor_name"] == "Sandbox"
    assert {
        "open",
        "public_reason",
        "title",
        "invitation",
        "agreement",
        "privacy_url",
        "user_terms_url",
        "publisher",
    } <= set(feature)


@pytest.mark.clause("7.2")
def test_every_file_of_the_books_says_that_no_contract_arises(desk: Desk) -> None:
    desk.paid()
    address = "/api/v1/desk/finance/exports"
    asked = {"from": "2026-01-01", "to": "2030-12-31", "format": "csv"}
    headers = desk.headers("finance")
    made = desk.client.get("/api/v1/desk/finance/export", query_string=asked, headers=headers)
    told = desk.client.get(f"{address}/{made.headers['X-Export-Id']}", headers=headers).get_json()
    texts = [desk.wiring.terms.get(VERSION, locale) for locale in ("id", "en")]
    assert told["statement"] == "\n".join(text.clause("7.2").text for text in texts)


@pytest.mark.clause("1.2", "4.1", "7.2")
@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_page_of_a_contribution_says_what_it_is_not(desk: Desk, locale: str) -> None:
    page = desk.client.get(f"/contributions/{desk.paid(locale=locale)['id']}").text
    assert {"id": "bukan langganan", "en": "no subscription"}[locale] in page
    assert f'href="/terms/{VERSION}?lang={locale}"' in page
