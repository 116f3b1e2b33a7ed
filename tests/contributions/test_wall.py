"""The wall: published messages of paid contributions, and nothing else."""

import pytest
from sqlalchemy import select

from service.articles import registry
from service.contributions.model import Message
from service.db import transaction
from tests.support.desk import ARTICLE, Desk

NAME, MAIL, AMOUNT = "Ratna Planted", "planted@example.com", "123000"


@pytest.mark.clause("3.2")
def test_only_what_a_moderator_published_is_public(desk: Desk) -> None:
    desk.given(message="not paid")
    desk.paid(message="not decided")
    rejected = desk.paid(message="rejected")
    desk.decide(desk.message_id(rejected["id"]), "reject", reason="spam")
    shown = desk.published(message="shown")
    assert [item["message"] for item in desk.wall()] == ["shown"]
    assert shown["message_state"] == "published"


@pytest.mark.clause("1.2", "5.1")
def test_an_item_holds_no_amount_no_address_and_an_id_of_its_own(desk: Desk) -> None:
    answer = desk.published(amount=AMOUNT, email=MAIL, display_name=NAME)
    response = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE})
    (item,) = response.get_json()["items"]
    assert set(item) == {"id", "display_name", "message", "published_at", "article"}
    assert item["display_name"] == NAME
    assert item["article"] == {"url": ARTICLE, "title": None}
    for planted in (MAIL, AMOUNT, answer["id"], answer["reference"]):
        assert planted not in response.text


def test_an_anonymous_or_hidden_name_is_null(desk: Desk) -> None:
    desk.published(anonymous=True)
    hidden = desk.paid(display_name=NAME)
    desk.decide(desk.message_id(hidden["id"]), "publish", hide_name=True)
    assert [item["display_name"] for item in desk.wall()] == [None, None]


@pytest.mark.clause("3.3")
def test_a_removal_shows_in_the_next_answer(desk: Desk) -> None:
    answer = desk.published()
    etag = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE}).headers["ETag"]
    desk.decide(desk.message_id(answer["id"]), "remove", reason="offensive")
    response = desk.client.get(
        "/api/v1/wall", query_string={"article": ARTICLE}, headers={"If-None-Match": etag}
    )
    assert response.status_code == 200
    assert response.get_json()["items"] == []


def test_etag_and_cache_headers(desk: Desk) -> None:
    desk.published()
    first = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE})
    assert first.headers["Cache-Control"] == "public, s-maxage=5, stale-while-revalidate=5"
    second = desk.client.get(
        "/api/v1/wall", query_string={"article": ARTICLE}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (second.status_code, second.data) == (304, b"")


@pytest.mark.clause("1.2")
def test_newest_first_page_by_page_without_gap_or_repeat(desk: Desk) -> None:
    for number in range(7):
        desk.published(message=f"m{number}", amount=str(20_000 + 1000 * (number % 3)))
    seen: list[str] = []
    cursor = None
    while True:
        query = {"article": ARTICLE, "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = desk.client.get("/api/v1/wall", query_string=query).get_json()
        seen += [item["message"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"m{number}" for number in reversed(range(7))]


def test_every_spelling_of_an_address_is_one_wall(desk: Desk) -> None:
    desk.published(article={"url": f"{ARTICLE}?utm_source=wa&page=2#komentar"})
    assert len(desk.wall("http://KOMPAS.com/kemensos/read/2020/03/01/di-era-digital/?fbclid=1")) == 1
    assert desk.wall("https://kompas.com/kemensos/read/2020/03/01/lain") == []


def test_a_public_title_comes_from_the_registry_only(desk: Desk) -> None:
    desk.published(article={"url": ARTICLE, "title": "Palsu"})
    assert desk.wall()[0]["article"]["title"] is None
    with transaction(desk.session):
        registry.register(desk.session, ARTICLE, "Di Era Digital")
    assert desk.wall()[0]["article"]["title"] == "Di Era Digital"


def test_the_summary_counts_what_is_paid_and_public(desk: Desk) -> None:
    desk.given()
    desk.paid()
    desk.published()
    summary = desk.client.get("/api/v1/articles/summary", query_string={"article": ARTICLE})
    assert summary.get_json() == {"contributions": 2, "published_messages": 1}


def test_cursors_of_others_are_refused(desk: Desk) -> None:
    for cursor in ("x", "AAAA", "%00", "🙂", "a" * 199, "MjAyNi0xMS0yNCB4"):
        response = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE, "cursor": cursor})
        assert response.status_code == 422, cursor
        assert response.get_json()["errors"]["cursor"]["code"] == "invalid"


@pytest.mark.clause("1.1")
def test_a_wall_needs_an_article_of_the_publisher(desk: Desk) -> None:
    assert desk.client.get("/api/v1/wall").status_code == 422
    foreign = desk.client.get("/api/v1/wall", query_string={"article": "https://example.com/a"})
    assert foreign.get_json()["code"] == "article_not_allowed"


def test_a_message_never_outlives_its_own_state_row(desk: Desk) -> None:
    desk.published()
    row = desk.session.scalars(select(Message)).one()
    row.state = "erased"
    desk.session.commit()
    assert desk.wall() == []
