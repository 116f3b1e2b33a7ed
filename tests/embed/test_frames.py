"""What a newsroom embeds: frames for its origins only, looked at before they are sent, without cookies."""

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from service.contributions.model import Contribution
from service.web.security import new_form_token
from tests.support.desk import ARTICLE, Desk
from tests.support.forms import hidden

FRAMES = ("/embed/form", "/embed/wall", "/embed/count")
CARD = "4929 6715 3804 2274"


def ask(desk: Desk, path: str, **query: str) -> Any:
    return desk.client.get(f"{path}?{urlencode({'article': ARTICLE, 'lang': 'en'} | query)}")


def check(desk: Desk, lang: str = "id", headers: dict[str, str] | None = None, **fields: str) -> Any:
    """The frame's form, filled in and looked at."""
    kept = hidden(ask(desk, "/embed/form").text)
    return desk.client.post(f"/embed/check?lang={lang}", data=kept | fields, headers=headers or {})


@pytest.mark.clause("1.1")
@pytest.mark.parametrize("path", FRAMES)
def test_clause_1_1_only_the_publishers_origins_may_show_a_frame(desk: Desk, path: str) -> None:
    response = ask(desk, path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors http://localhost:8000;" in policy
    assert "'unsafe-inline'" not in policy
    elsewhere = desk.client.get(f"/contribute?{urlencode({'article': ARTICLE})}")
    assert "frame-ancestors 'none'" in elsewhere.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*FRAMES, "/embed/fragment", "/embed.js"])
def test_nothing_of_the_widget_sets_a_cookie(desk: Desk, path: str) -> None:
    assert "Set-Cookie" not in ask(desk, path).headers


@pytest.mark.clause("1.1")
@pytest.mark.parametrize("path", [*FRAMES, "/embed/fragment"])
@pytest.mark.parametrize("article", ["https://example.com/a", "", None])
def test_clause_1_1_foreign_articles_are_refused(desk: Desk, path: str, article: str | None) -> None:
    query = "" if article is None else f"?{urlencode({'article': article})}"
    assert desk.client.get(path + query).status_code == 422


def test_a_form_that_would_be_taken_is_looked_at_and_nothing_is_stored(desk: Desk) -> None:
    assert check(desk, amount="other", other_amount="Rp27.500", message="Halo").status_code == 204
    desk.session.rollback()
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 0


@pytest.mark.parametrize(
    ("lang", "empty"), [("id", "Isian ini tidak boleh kosong."), ("en", "This field may not be empty.")]
)
def test_what_is_wrong_comes_back_by_field_in_the_readers_language(desk: Desk, lang: str, empty: str) -> None:
    response = check(desk, lang, message="x" * 281)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.get_json()["errors"]["amount"] == {"code": "required", "message": empty}
    too_long = check(desk, lang, amount="25000", message="x" * 281)
    assert set(too_long.get_json()["errors"]) == {"message"}


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"message": CARD}, 422, "payment_details_refused"),
        ({"terms_version": "2020-01"}, 409, "terms_outdated"),
        ({"recurring": "monthly"}, 422, "recurring_not_offered"),
        ({"article": "https://example.com/a"}, 422, "article_not_allowed"),
        ({"token": "forged"}, 422, "validation_failed"),
        ({"website": "https://spam.example"}, 422, "validation_failed"),
    ],
)
def test_the_look_refuses_what_sending_would(
    desk: Desk, fields: dict[str, str], status: int, code: str
) -> None:
    response = check(desk, **({"amount": "25000"} | fields))
    assert (response.status_code, response.get_json()["code"]) == (status, code)
    assert CARD not in response.text


def test_another_sites_page_cannot_look(desk: Desk) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost:8000"}):
        assert check(desk, amount="25000", headers=headers).status_code == 403


@pytest.mark.clause("4.3")
@pytest.mark.parametrize(("widget", "invited"), [("notice", True), ("hide", False)])
def test_clause_4_3_a_closed_widget_says_so_or_hides_and_the_article_is_still_shared(
    desk: Desk, widget: str, invited: bool
) -> None:
    desk.close_feature(public_reason="maintenance", widget=widget)
    page = ask(desk, "/embed/form").text
    assert ("under maintenance" in page) is invited
    assert 'id="give"' not in page
    assert "https://wa.me/?text=" in page
    fragment = ask(desk, "/embed/fragment").text
    assert ("under maintenance" in fragment) is invited
    assert "/contribute" not in fragment
    assert check(desk, token=_token(desk), article=ARTICLE, amount="25000").status_code == 503


def _token(desk: Desk) -> str:
    with desk.app.test_request_context():
        return new_form_token()


def test_the_frame_is_small_and_asks_for_one_file_more(desk: Desk) -> None:
    page = ask(desk, "/embed/form", host="https://www.kompas.com", lang="id")
    script = page.text.partition('<script src="')[2].partition('"')[0]
    code = desk.client.get(script.replace("&amp;", "&"))
    assert page.text.count("<script") == 1
    assert '<link rel="stylesheet"' not in page.text
    assert len(page.data) + len(code.data) <= 40_000
    assert "immutable" in code.headers["Cache-Control"]


def test_the_loader_is_at_most_three_kilobytes(desk: Desk) -> None:
    response = desk.client.get("/embed.js")
    assert len(gzip.compress(response.data)) <= 3 * 1024
    assert response.content_type.startswith("text/javascript")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_fragment_has_the_wall_and_links_that_need_no_script(desk: Desk) -> None:
    desk.published(message="Untuk <b>redaksi</b> & semua")
    fragment = ask(desk, "/embed/fragment").text
    assert "Untuk &lt;b&gt;redaksi&lt;/b&gt; &amp; semua" in fragment
    assert f"/contribute?article={urlencode({'a': ARTICLE})[2:].replace('%2F', '/')}" in fragment
    assert "<script" not in fragment
    assert " style=" not in fragment
    assert "25.000" not in fragment
    assert ask(desk, "/embed/fragment").headers["Cache-Control"].startswith("public")


def test_the_wall_in_a_frame_forgets_what_was_removed(desk: Desk) -> None:
    answer = desk.published(message="Sebentar saja")
    before = ask(desk, "/embed/wall")
    assert "Sebentar saja" in before.text
    same = desk.client.get(
        f"/embed/wall?{urlencode({'article': ARTICLE, 'lang': 'en'})}",
        headers={"If-None-Match": before.headers["ETag"]},
    )
    assert same.status_code == 304
    desk.decide(desk.message_id(answer["id"]), "remove", reason="offensive")
    assert "Sebentar saja" not in ask(desk, "/embed/wall").text


def test_what_a_frame_says_in_its_problem_is_json(desk: Desk) -> None:
    assert json.loads(check(desk).data)["request_id"]
