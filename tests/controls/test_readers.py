"""What readers see of the switch (clause 4.3): the reason, the wall kept or hidden."""

import pytest

from tests.support.desk import ARTICLE, Desk

SENTENCES = {
    ("paused", "id"): "dijeda",
    ("paused", "en"): "Contributions are paused for now.",
    ("maintenance", "en"): "under maintenance",
    ("ended", "en"): "Contributions have ended.",
}
ELSEWHERE = "https://money.kompas.com/read/2026/11/20/harga-beras"
SCOPES = ["all", "section:Kemensos", f"article:{ARTICLE}"]


def feature(desk: Desk, article: str | None = ARTICLE, locale: str = "id") -> dict[str, object]:
    query = {"locale": locale} | ({"article": article} if article else {})
    return desk.client.get("/api/v1/feature", query_string=query).get_json()


@pytest.mark.parametrize("scope", SCOPES)
def test_the_feature_tells_of_its_article(desk: Desk, scope: str) -> None:
    assert (feature(desk)["open"], feature(desk)["notice"]) == (True, None)
    desk.close_feature(scope, public_reason="maintenance", widget="hide", walls="hide")
    closed = feature(desk)
    assert (closed["open"], closed["public_reason"]) == (False, "maintenance")
    assert (closed["widget"], closed["walls"]) == ("hide", "hide")
    assert feature(desk, ELSEWHERE)["open"] is (scope != "all")
    assert feature(desk, None)["open"] is (scope != "all")


@pytest.mark.clause("4.3")
@pytest.mark.parametrize(("reason", "locale"), SENTENCES)
def test_the_reason_is_told_in_the_readers_language(desk: Desk, reason: str, locale: str) -> None:
    desk.close_feature("section:Kemensos", public_reason=reason, reason="for the audit only")
    sentence = SENTENCES[reason, locale]
    assert sentence in str(feature(desk, locale=locale)["notice"])
    for path in ("/contribute", "/wall"):
        page = desk.client.get(path, query_string={"article": ARTICLE, "lang": locale})
        assert sentence in page.text
        assert "audit" not in page.text


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("scope", SCOPES)
def test_only_the_articles_of_the_scope_are_refused(desk: Desk, scope: str) -> None:
    desk.close_feature(scope)
    assert desk.give().get_json()["code"] == "feature_closed"
    answer = desk.give(article={"url": ELSEWHERE})
    assert answer.status_code == (503 if scope == "all" else 201)


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("scope", SCOPES)
def test_a_new_attempt_needs_the_scope_open(desk: Desk, scope: str) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    desk.close_feature(scope)
    again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts", json={})
    assert again.get_json()["code"] == "feature_closed"


def test_the_wall_stays_while_closed(desk: Desk) -> None:
    desk.published()
    desk.close_feature(public_reason="ended")
    assert len(desk.wall()) == 1
    assert "Terima kasih, Kompas!" in desk.client.get("/wall", query_string={"article": ARTICLE}).text


@pytest.mark.parametrize("scope", SCOPES)
def test_a_hidden_wall_is_empty_in_the_next_answer_and_comes_back(desk: Desk, scope: str) -> None:
    answer = desk.published()
    message_id = desk.message_id(answer["id"])
    ask = {"query_string": {"article": ARTICLE, "lang": "en"}}
    kept, page = desk.client.get("/api/v1/wall", **ask), desk.client.get("/wall", **ask)
    tags = {"/api/v1/wall": kept.headers["ETag"], "/wall": page.headers["ETag"]}
    desk.close_feature(scope, walls="hide")
    for path, tag in tags.items():
        hidden = desk.client.get(path, **ask, headers={"If-None-Match": tag})
        assert hidden.status_code == 200
        assert hidden.headers["Cache-Control"] == kept.headers["Cache-Control"]
        assert "Terima kasih, Kompas!" not in hidden.text
    told = desk.client.get("/api/v1/wall", **ask).get_json()
    assert told == {"items": [], "next_cursor": None, "hidden": True}
    assert "not shown while Apresiasi Spesial is closed" in desk.client.get("/wall", **ask).text
    summary = desk.client.get("/api/v1/articles/summary", **ask).get_json()
    assert summary == {"contributions": 0, "published_messages": 0}
    assert desk.client.get(f"/wall/messages/{message_id}/report").status_code == 404
    assert desk.client.post(f"/api/v1/wall/{message_id}/reports", json={}).status_code == 404
    desk.open_feature(scope)
    back = desk.client.get("/api/v1/wall", **ask, headers={"If-None-Match": tags["/api/v1/wall"]})
    assert back.status_code == 304


def test_another_articles_wall_stays(desk: Desk) -> None:
    desk.published(article={"url": ELSEWHERE})
    desk.close_feature("section:Kemensos", walls="hide")
    assert len(desk.wall(ELSEWHERE)) == 1


def test_the_demo_article_follows_the_switch(desk: Desk) -> None:
    desk.published(article={"url": ARTICLE})
    desk.close_feature(walls="hide", public_reason="ended")
    page = desk.client.get("/demo/article?lang=en").text
    assert "Contributions have ended." in page
    assert "Terima kasih, Kompas!" not in page
