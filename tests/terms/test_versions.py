"""Several versions: each has its time, and what is on its way keeps the one it accepted."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from service import clock
from service.environment import ConfigError
from service.finance.current import home_currency
from service.terms.model import Acceptance
from service.wiring import wire
from tests.support.desk import VERSION, Desk
from tests.support.forms import filled, hidden, send
from tests.support.versions import LIMITS, publish, serve, terms_folder
from tests.terms.conftest import NEXT, Changing


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


@pytest.mark.clause("6.1")
def test_a_version_takes_effect_at_its_time(changing: Changing) -> None:
    desk = changing.desk
    assert desk.client.get("/api/v1/terms").get_json()["version"] == VERSION
    assert desk.give().status_code == 201
    assert desk.give(terms={"version": NEXT, "accepted": True}).get_json()["code"] == "terms_outdated"
    with changing.later():
        assert desk.client.get("/api/v1/terms").get_json()["version"] == NEXT
        refused = desk.give().get_json()
        assert (refused["code"], refused["clause"], refused["terms_version"]) == (
            "terms_outdated",
            "6.1",
            NEXT,
        )
        assert desk.give(terms={"version": NEXT, "accepted": True}).status_code == 201
    assert changing.accepted() == [(VERSION, "id"), (NEXT, "id")]


@pytest.mark.clause("1.2", "3.1")
def test_limits_are_those_of_the_version_in_force(changing: Changing) -> None:
    desk = changing.desk
    assert desk.client.get("/api/v1/feature").get_json()["minimum"] == "10000"
    with changing.later():
        feature = desk.client.get("/api/v1/feature").get_json()
        assert (feature["minimum"], feature["presets"][0], feature["terms_version"]) == (
            "20000",
            "20000",
            NEXT,
        )
        small = desk.give(amount="10000", terms={"version": NEXT, "accepted": True})
        assert small.get_json()["errors"]["amount"]["code"] == "too_small"
        page = desk.client.get("/contribute?article=https://kompas.com/a&lang=en").text
        assert 'value="20000"' in page
        assert 'value="10000"' not in page


@pytest.mark.clause("6.1")
@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_form_that_was_open_comes_back_with_the_new_terms_and_all_that_was_typed(
    changing: Changing, locale: str
) -> None:
    desk = changing.desk
    client: FlaskClient = desk.client
    typed = filled(client, locale, amount="10000", message="Terima kasih banyak", email="sri@contoh.example")
    with changing.later():
        response = client.post(f"/contribute?lang={locale}", data=typed)
        page = response.text
        assert response.status_code == 409
        assert hidden(page)["terms_version"] == NEXT
        assert "Terima kasih banyak" in page
        assert 'value="sri@contoh.example"' in page
        assert 'value="Sri"' in page
        # 10,000 is offered no longer: it stands as the other amount.
        assert re.search(r'id="other_amount"[^>]*value="10000"', page)
        assert re.search(r'value="other" checked', page)
        changes = f"/terms/{NEXT}?compare={VERSION}&lang={locale}"
        assert f'href="{changes}#changes"'.replace("&", "&amp;") in page
        assert client.get(changes).status_code == 200
        again = typed | hidden(page) | {"amount": "25000"}
        assert client.post(f"/contribute?lang={locale}", data=again).status_code == 303
    assert changing.accepted() == [(NEXT, locale)]


@pytest.mark.clause("6.1")
def test_a_running_checkout_keeps_the_version_it_accepted(changing: Changing) -> None:
    desk = changing.desk
    answer = desk.given(message=None)
    with changing.later():
        again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts", json={})
        assert (again.status_code, again.get_json()["checkout_url"]) == (200, answer["checkout_url"])
        desk.bench.pay(answer["checkout_url"])
        desk.bench.settle()
        desk.deliver_all()
        paid = desk.look(answer["id"])
        assert (paid["status"], paid["terms"]["version"]) == ("paid", VERSION)
        (booked,) = [row for row in desk.export() if row["type"] == "contribution"]
        assert booked["terms_version"] == VERSION
        assert desk.client.get(f"/terms/{VERSION}").status_code == 200
    assert changing.accepted() == [(VERSION, "id")]


@pytest.mark.clause("6.1")
def test_money_of_the_first_checkout_is_booked_under_its_own_version(changing: Changing) -> None:
    """The reader accepted new terms for another try, and then paid at the page of the first."""
    desk = changing.desk
    answer = desk.given()
    first = answer["checkout_url"].rpartition("/")[2]
    desk.sandbox.expire_checkout(first)
    desk.deliver_all()
    with changing.later():
        url = f"/api/v1/contributions/{answer['id']}/attempts"
        assert desk.client.post(url, json={}).get_json()["code"] == "terms_outdated"
        accepted = {"terms": {"version": NEXT, "accepted": True}}
        assert desk.client.post(url, json=accepted).status_code == 201
        store = desk.sandbox.parts.store
        store.put("checkout", store.find("checkout", first) | {"status": "open"}, owner="")
        desk.bench.pay(answer["checkout_url"])
        desk.deliver_all()
        (booked,) = [row for row in desk.export() if row["type"] == "contribution"]
        assert booked["terms_version"] == VERSION
    told = desk.look(answer["id"])
    assert (told["status"], told["terms"]["version"]) == ("paid", NEXT)
    assert changing.accepted() == [(VERSION, "id"), (NEXT, "id")]


@pytest.mark.clause("1.2")
def test_another_try_keeps_to_the_limits_it_accepts(changing: Changing) -> None:
    desk = changing.desk
    answer = desk.given(amount="10000")
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    with changing.later():
        url = f"/api/v1/contributions/{answer['id']}/attempts"
        refused = desk.client.post(url, json={"terms": {"version": NEXT, "accepted": True}})
        assert refused.get_json()["errors"]["amount"]["code"] == "too_small"
    assert desk.look(answer["id"])["status"] == "failed"
    assert changing.accepted() == [(VERSION, "id")]


@pytest.mark.clause("6.1")
def test_another_try_on_the_page_accepts_what_the_page_shows(changing: Changing) -> None:
    desk = changing.desk
    client = desk.client
    sent = send(client, "id", terms_version=VERSION)
    assert sent.status_code == 303
    id_ = desk.session.scalars(select(Acceptance.contribution_id)).one()
    desk.session.rollback()
    desk.sandbox.choose(sent.headers["Location"], "decline")
    desk.deliver_all()
    with changing.later():
        address = f"/contributions/{id_}"
        page = client.get(f"{address}?lang=en").text
        old = hidden(page) | {"terms_version": VERSION}
        refused = client.post(f"{address}/pay?lang=en", data=old)
        assert refused.status_code == 409
        assert desk.wiring.terms.get(NEXT, "en").agreement in text_of(refused.text)
        assert f"/terms/{NEXT}?compare={VERSION}" in refused.text
        assert client.post(f"{address}/pay?lang=en", data=hidden(refused.text)).status_code == 303
    assert changing.accepted() == [(VERSION, "id"), (NEXT, "en")]


@pytest.mark.parametrize(
    ("locale", "announced"),
    [
        ("id", "Syarat baru, versi 2027-01, mulai berlaku"),
        ("en", "New terms, version 2027-01, take effect on"),
    ],
)
def test_the_page_announces_the_next_version(changing: Changing, locale: str, announced: str) -> None:
    client = changing.desk.client
    page = client.get(f"/terms?lang={locale}").text
    assert announced in text_of(page)
    assert f'href="/terms/{NEXT}?compare={VERSION}&amp;lang={locale}#changes"' in page
    coming = text_of(client.get(f"/terms/{NEXT}?lang=en").text)
    assert "takes effect on" in coming
    assert "This version is not the one in force." in coming
    with changing.later():
        page = client.get(f"/terms?lang={locale}").text
        assert announced not in text_of(page)
        assert f'href="/terms/{NEXT}?compare={VERSION}&amp;lang={locale}#changes"' in page
        assert "until" in text_of(client.get(f"/terms/{VERSION}?lang=en").text)


def test_what_changed_is_told_word_by_word(changing: Changing) -> None:
    page = changing.desk.client.get(f"/terms/{NEXT}?compare={VERSION}&lang=en").text
    changes = page.split('id="changes"')[1].split("</section>")[0]
    removed, added = re.findall(r"<del>(.*?)</del>", changes), re.findall(r"<ins>(.*?)</ins>", changes)
    assert [text_of(it) for it in removed] == ["removed: short end.", "removed: at any time end.", "removed: Rp10,000, Rp25,000, Rp50,000, Rp100,000 end.", "removed: Rp10,000 end."]  # fmt: skip
    assert [text_of(it) for it in added][:2] == ["added: brief end.", "added: whenever it wishes end."]
    assert re.findall(r'<h3><a href="#clause-([\d.]+)"', changes) == ["3.1", "4.3"]
    assert "You may add one removed: short end. added: brief end. message" in text_of(changes)
    assert "13 clauses are the same" in changes
    backwards = changing.desk.client.get(f"/terms/{VERSION}?compare={NEXT}&lang=en").text
    assert changes == backwards.split('id="changes"')[1].split("</section>")[0]


@pytest.mark.parametrize("other", ["1999-01", NEXT, "<script>"])
def test_a_comparison_needs_another_published_version(changing: Changing, other: str) -> None:
    client = changing.desk.client
    assert client.get(f"/terms/{NEXT}", query_string={"compare": other}).status_code == 404


def test_a_process_that_missed_a_version_is_found(changing: Changing) -> None:
    desk, folder = changing.desk, changing.folder
    publish(folder, "2027-02", changing.effective + timedelta(minutes=30), limits={})
    assert desk.broken() == []
    with time_machine.travel(changing.effective + timedelta(minutes=31)):
        (found,) = desk.broken()
        assert (found.invariant, found.ids) == ("published_texts_never_change", ["2027-02/en", "2027-02/id"])


@pytest.mark.clause("6.1")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("2026-11/id.md", "sukarela", "wajib"),
        ("published.toml", "[", "["),
        ("2026-11/en.md", "maximum = 10000000", "maximum = 20000000"),
        ("published.toml", 'en = "2', 'en = "3'),
    ],
)
def test_a_published_text_that_changes_while_the_service_runs_is_found(
    changing: Changing, name: str, old: str, new: str
) -> None:
    path = changing.folder / name
    before = path.read_text()
    path.write_text(before.replace(old, new) if old != new else "")
    assert [found.invariant for found in changing.desk.broken()] == ["published_texts_never_change"]
    path.write_text(before)


def test_the_books_currency_is_that_of_the_version_in_force(desk: Desk, tmp_path: Path) -> None:
    folder = terms_folder(tmp_path)
    effective = clock.now() + timedelta(days=1)
    serve(desk, publish(folder, NEXT, effective, {'"IDR"': '"USD"'}), folder)
    with desk.app.app_context():
        assert home_currency() == "IDR"
        with time_machine.travel(effective + timedelta(minutes=1)):
            assert home_currency() == "USD"


@pytest.mark.clause("2.1")
def test_terms_with_a_fourth_purpose_stop_the_start(desk: Desk, tmp_path: Path) -> None:
    folder = terms_folder(tmp_path)
    fourth = {"[purposes]\n": '[purposes]\nprizes = "2.1"\n'}
    terms = publish(folder, NEXT, clock.now() + timedelta(days=40), {**LIMITS, **fourth})
    with pytest.raises(ConfigError, match="the purposes are not service_continuity"):
        wire(desk.wiring.settings, terms, desk.wiring.processors)
