"""Each clause of the terms has its rule, its refusals, its words and its tests, or says why not."""

import html
import importlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service import errors
from service.config import ROOT
from service.contributions.model import Contribution
from service.moderation.answers import REASON_NAMES
from service.terms import clauses, library, trace
from service.terms.clauses import CLAUSES, Binding, Wording
from service.terms.marks import marked_tests
from service.terms.texts import CLAUSE_IDS
from service.web.language import translate
from tests.support.desk import ARTICLE, VERSION, Desk
from tests.support.forms import send

MARKED = marked_tests(ROOT / "tests") or {}
NAMED = re.compile(r"^def (test_clause_(\d)_(\d)_\w+)\(", re.MULTILINE)


def resolve(name: str) -> object:
    """What a dotted name names: a module first, then whatever stands in it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise AssertionError(name)


def gaps(id_: str, binding: Binding, marked: dict[str, list[str]]) -> list[str]:
    """What a clause lacks."""
    return [
        lack
        for lack, there in {
            "rule or reason": binding.rules or binding.reason,
            "wording": binding.wording,
            "test": marked.get(id_),
            "sentence for readers": binding.does,
        }.items()
        if not there
    ]


def test_every_clause_has_its_rule_words_and_tests() -> None:
    assert list(CLAUSES) == CLAUSE_IDS
    assert {id_: found for id_, it in CLAUSES.items() if (found := gaps(id_, it, dict(MARKED)))} == {}


def test_a_gap_would_be_found() -> None:
    assert gaps("9.9", Binding(does=""), {}) == ["rule or reason", "wording", "test", "sentence for readers"]


def test_a_mark_names_a_clause_that_there_is() -> None:
    assert set(MARKED) <= set(CLAUSE_IDS)


def test_a_test_that_is_named_for_a_clause_carries_its_mark() -> None:
    named = [
        (f"{path.relative_to(ROOT).as_posix()}::{name}", f"{section}.{clause}")
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for name, section, clause in NAMED.findall(path.read_text("utf-8"))
    ]
    assert len(named) > 20
    assert [name for name, id_ in named if name not in MARKED.get(id_, [])] == []


@pytest.mark.parametrize("id_", CLAUSE_IDS)
def test_every_rule_is_still_there(id_: str) -> None:
    for name in CLAUSES[id_].rules:
        found = resolve(name)
        assert callable(found) or isinstance(found, property), name


def test_a_rule_that_is_gone_would_be_found() -> None:
    with pytest.raises(AttributeError):
        resolve("service.terms.check.refuse_everything")


def test_refusals_carry_their_clause_and_none_is_forgotten() -> None:
    bound = {refusal: id_ for id_, it in CLAUSES.items() for refusal in it.refusals}
    assert {refusal: refusal.clause for refusal in bound} == bound
    known = {it for it in vars(errors).values() if isinstance(it, type) and issubclass(it, errors.Refusal)}
    assert {it for it in known if it.clause} == set(bound)


def test_every_reason_of_the_terms_has_words_at_the_desk() -> None:
    terms = library.load(ROOT / "terms", "KOMPAS.com")
    assert {reason for text in terms.texts() for reason in text.limits.reasons} <= set(REASON_NAMES)


def sent_by_a_reader(desk: Desk, locale: str) -> tuple[FlaskClient, str]:
    """A browser that sent a form and paid, and the address of its contribution."""
    client = desk.client
    url = send(client, locale).headers["Location"]
    desk.bench.pay(url)
    desk.deliver_all()
    newest = select(Contribution.id).order_by(Contribution.created_at.desc()).limit(1)
    id_ = desk.session.scalars(newest).one()
    return client, f"/contributions/{id_}?lang={locale}"


def status_page(desk: Desk, locale: str) -> str:
    client, address = sent_by_a_reader(desk, locale)
    return client.get(address).text


def page_after_a_removal(desk: Desk, locale: str) -> str:
    client, address = sent_by_a_reader(desk, locale)
    message = desk.message_id(address.split("/")[2].partition("?")[0])
    assert desk.decide(message, "publish").status_code == 200
    assert desk.decide(message, "remove", reason="offensive").status_code == 200
    return client.get(address).text


def page_while_closed(desk: Desk, locale: str) -> str:
    desk.close_feature()
    return at(f"/contribute?article={ARTICLE}")(desk, locale)


def at(path: str) -> Callable[[Desk, str], str]:
    joined = "&" if "?" in path else "?"
    return lambda desk, locale: desk.client.get(f"{path}{joined}lang={locale}").text


PAGES: dict[str, Callable[[Desk, str], str]] = {
    clauses.ABOUT: at("/"),
    clauses.FORM: at(f"/contribute?article={ARTICLE}"),
    clauses.TERMS: at("/terms"),
    clauses.TRANSPARENCY: at("/transparency"),
    clauses.STATUS: status_page,
    clauses.REMOVED: page_after_a_removal,
    clauses.CLOSED: page_while_closed,
}


def words_of(desk: Desk, wording: Wording, locale: str) -> str:
    """The words in a language, as a pattern; what is filled in may be anything."""
    if wording.of_terms:
        text = desk.wiring.terms.get(VERSION, locale)
        found = text.agreement if wording.words == "agreement" else text.clause(wording.words).text
    else:
        with desk.app.test_request_context(f"/?lang={locale}"):
            found = translate(wording.words)
        assert locale == "en" or found != wording.words, "no Indonesian words"
    return ".+?".join(re.escape(part) for part in re.split(r"%\(\w+\)\w", found))


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_readers_meet_the_words_on_their_page(desk: Desk, page: str, locale: str) -> None:
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", PAGES[page](desk, locale))).split())
    for id_, binding in CLAUSES.items():
        for wording in binding.wording:
            if wording.page == page:
                assert re.search(words_of(desk, wording, locale), shown), (id_, wording.words)


def test_every_page_that_is_named_is_looked_at() -> None:
    assert {it.page for binding in CLAUSES.values() for it in binding.wording} == set(PAGES)


@pytest.mark.parametrize("locale", ["id", "en"])
def test_each_clause_on_the_page_opens_what_the_service_does(desk: Desk, locale: str) -> None:
    page = desk.client.get(f"/terms?lang={locale}").text
    for id_, binding in CLAUSES.items():
        clause = page.split(f'id="clause-{id_}"')[1].split("</article>")[0]
        opened = re.search(r"<details>\s*<summary>.*?</summary>\s*<p>(.*?)</p>\s*</details>", clause, re.S)
        assert opened is not None
        with desk.app.test_request_context(f"/?lang={locale}"):
            assert html.unescape(opened[1]) == translate(binding.does)


def test_the_printed_trace_is_not_stale() -> None:
    terms = library.load(ROOT / "terms", "KOMPAS.com")
    text = terms.get(terms.versions()[-1], "en")
    made = trace.as_markdown(text, trace.trace(text, ROOT / "tests"))
    kept = (ROOT / "docs/terms-trace.md").read_text("utf-8")
    assert made == kept, "make trace"


def test_the_trace_covers_fifteen_of_fifteen_clauses(desk: Desk) -> None:
    rows = desk.command("terms", "trace", "--json")
    assert rows.exit_code == 0
    told = json.loads(rows.output)["clauses"]
    assert [row["id"] for row in told] == CLAUSE_IDS
    for row in told:
        assert row["tests"]
        assert row["wording"]
        assert row["rules"] or row["reason"]
    assert all(id_ in desk.command("terms", "trace").output for id_ in CLAUSE_IDS)
    printed = desk.command("terms", "trace", "--markdown").output
    assert printed == (ROOT / "docs/terms-trace.md").read_text("utf-8")


def test_without_tests_it_names_none_and_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.terms.ROOT", tmp_path)
    assert "No tests are installed here" in desk.command("terms", "trace").output
    assert '"tests": []' in desk.command("terms", "trace", "--json").output


def test_tests_are_found_by_their_marks(tmp_path: Path) -> None:
    tests = tmp_path / "tests" / "room"
    tests.mkdir(parents=True)
    (tests / "test_it.py").write_text(
        'import pytest\n@pytest.mark.browser\n@pytest.mark.clause("1.1", "4.2")\ndef test_a(): ...\n'
        'def test_b(): ...\n@pytest.mark.clause("1.1")\ndef test_c(): ...\n'
    )
    assert marked_tests(tmp_path / "tests") == {
        "1.1": ["tests/room/test_it.py::test_a", "tests/room/test_it.py::test_c"],
        "4.2": ["tests/room/test_it.py::test_a"],
    }
