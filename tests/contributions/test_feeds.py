"""The wall's feeds, read back by what RFC 4287 and JSON Feed 1.1 ask of them."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import update

from service.articles import registry
from service.contributions.model import Message
from service.db import transaction
from tests.support.desk import ARTICLE, Desk

ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = ("atom", "json")
NAME, MAIL, AMOUNT = "Ratna Tertanam", "tertanam@contoh.example", "123000"


def feed(desk: Desk, kind: str, article: str = ARTICLE, **query: str) -> Any:
    return desk.client.get(f"/wall/feed.{kind}", query_string={"article": article, **query})


def atom(response: Any) -> ElementTree.Element:
    """The document, with what RFC 4287 requires of a feed and of each entry (4.1.1, 4.1.2)."""
    assert response.status_code == 200, response.text
    assert response.content_type == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.data)
    assert root.tag == f"{ATOM}feed"
    for node in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (one,) = node.findall(f"{ATOM}{name}")
            assert one.text
        assert urlsplit(node.findtext(f"{ATOM}id") or "").scheme == "tag"
        assert datetime.fromisoformat(node.findtext(f"{ATOM}updated") or "").tzinfo is not None
        assert node.find(f"{ATOM}author/{ATOM}name") is not None
        assert [it.get("rel") for it in node.findall(f"{ATOM}link")][-1] == "alternate"
    assert root.find(f"{ATOM}link[@rel='self']") is not None
    return root


def json_feed(response: Any) -> dict[str, Any]:
    """The document, with what JSON Feed 1.1 requires."""
    assert response.status_code == 200, response.text
    assert response.content_type.startswith("application/feed+json")
    told: dict[str, Any] = json.loads(response.data)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["title"]
    assert isinstance(told["items"], list)
    for item in told["items"]:
        assert isinstance(item["id"], str)
        assert "content_text" in item
        assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
    return told


def entries(desk: Desk, kind: str, article: str = ARTICLE, **query: str) -> list[dict[str, Any]]:
    """Each entry as (id, author, text, time, page), whatever the format."""
    response = feed(desk, kind, article, **query)
    if kind == "json":
        return [
            {"id": it["id"], "author": it["authors"][0]["name"], "text": it["content_text"], "at": it["date_published"], "page": it["url"]}
            for it in json_feed(response)["items"]
        ]  # fmt: skip
    return [
        {"id": it.findtext(f"{ATOM}id"), "author": it.findtext(f"{ATOM}author/{ATOM}name"), "text": it.findtext(f"{ATOM}content"),
         "at": it.findtext(f"{ATOM}published"), "page": it.find(f"{ATOM}link").get("href")}
        for it in atom(response).iter(f"{ATOM}entry")
    ]  # fmt: skip


@pytest.mark.clause("1.2", "3.2", "5.1")
@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_what_the_wall_shows_and_nothing_else(desk: Desk, kind: str) -> None:
    desk.paid(message="menunggu")
    shown = desk.published(
        amount=AMOUNT, email=MAIL, display_name=NAME, message="Baris satu\nBaris <dua> & ]]>"
    )
    (entry,) = entries(desk, kind, lang="id")
    (item,) = desk.wall()
    assert (entry["author"], entry["text"]) == (NAME, "Baris satu\nBaris <dua> & ]]>")
    assert entry["at"] == item["published_at"]
    assert entry["id"] == f"tag:kompas.com,2026:apresiasi/message/{item['id']}"
    text = feed(desk, kind).text
    for planted in (MAIL, AMOUNT, "123.000", shown["id"], shown["reference"]):
        assert planted not in text


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_are_not_shown_are_anonymous_in_the_language(desk: Desk, kind: str) -> None:
    desk.published(anonymous=True)
    hidden = desk.paid(display_name=NAME)
    desk.decide(desk.message_id(hidden["id"]), "publish", hide_name=True)
    assert [it["author"] for it in entries(desk, kind, lang="id")] == ["Anonim", "Anonim"]
    assert [it["author"] for it in entries(desk, kind, lang="en")] == ["Anonymous", "Anonymous"]
    assert NAME not in feed(desk, kind).text


def test_the_head_of_both(desk: Desk) -> None:
    with transaction(desk.session):
        registry.register(desk.session, ARTICLE, "Di Era <Digital>")
    desk.published()
    root = atom(feed(desk, "atom", lang="en"))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert root.findtext(f"{ATOM}title") == "Messages of readers · Di Era <Digital>"
    own, page = (link.get("href") or "" for link in root.findall(f"{ATOM}link"))
    told = json_feed(feed(desk, "json", lang="en"))
    assert (told["title"], told["language"]) == (root.findtext(f"{ATOM}title"), "en")
    assert (told["home_page_url"], told["feed_url"]) == (page, own.replace("feed.atom", "feed.json"))
    for address in (own, page, told["feed_url"]):
        assert desk.client.get(address.removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_each_entry_leads_to_its_message_on_the_wall(desk: Desk, kind: str) -> None:
    for number in range(22):
        desk.published(message=f"pesan {number}.")
    found = entries(desk, kind)
    assert [it["text"] for it in found] == [f"pesan {number}." for number in reversed(range(22))]
    for entry in (found[0], found[-1]):
        path, _, anchor = entry["page"].removeprefix("http://localhost").partition("#")
        assert f'id="{anchor}"' in desk.client.get(path).text


@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_fifty_and_the_newest_first(desk: Desk, kind: str) -> None:
    for number in range(51):
        desk.published(message=f"{number}.")
    assert [it["text"] for it in entries(desk, kind)] == [f"{number}." for number in range(50, 0, -1)]


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("kind", KINDS)
def test_a_removed_message_is_gone_from_the_next_answer(desk: Desk, kind: str) -> None:
    answer = desk.published()
    etag = feed(desk, kind).headers["ETag"]
    unchanged = desk.client.get(
        f"/wall/feed.{kind}", query_string={"article": ARTICLE}, headers={"If-None-Match": etag}
    )
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    desk.decide(desk.message_id(answer["id"]), "remove", reason="offensive")
    response = desk.client.get(
        f"/wall/feed.{kind}", query_string={"article": ARTICLE}, headers={"If-None-Match": etag}
    )
    assert response.status_code == 200
    assert entries(desk, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_keeps_its_id_whatever_else_changes(desk: Desk, kind: str) -> None:
    first = desk.published(message="satu")
    (before,) = entries(desk, kind, lang="id")
    desk.published(message="dua")
    desk.decide(desk.message_id(first["id"]), "remove", reason="offensive")
    desk.decide(desk.message_id(first["id"]), "publish")
    after = {it["text"]: it["id"] for it in entries(desk, kind, lang="en")}
    assert after["satu"] == before["id"]
    assert len(set(after.values())) == 2


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_wall_has_an_empty_feed_and_a_kept_one_goes_on(desk: Desk, kind: str) -> None:
    desk.published(message="tampil")
    desk.close_feature(walls="keep")
    assert [it["text"] for it in entries(desk, kind)] == ["tampil"]
    desk.close_feature(walls="hide")
    assert entries(desk, kind) == []
    assert "tampil" not in feed(desk, kind).text
    desk.open_feature()
    assert len(entries(desk, kind)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_cached_as_the_wall_is(desk: Desk, kind: str) -> None:
    desk.published()
    response = feed(desk, kind)
    assert response.headers["Cache-Control"] == "public, s-maxage=5, stale-while-revalidate=5"
    assert response.headers["Vary"] == "Accept-Language"
    assert "Set-Cookie" not in response.headers
    assert feed(desk, kind).data == response.data


@pytest.mark.parametrize("char", ["\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_xml_cannot_hold_breaks_no_feed(desk: Desk, kind: str, char: str) -> None:
    answer = desk.published()
    with transaction(desk.session):
        desk.session.execute(
            update(Message).where(Message.contribution_id == answer["id"]).values(text=f"a{char}b 🙂 é")
        )
    (entry,) = entries(desk, kind)
    assert re.sub("[\ufffd]", char, entry["text"]) == f"a{char}b 🙂 é"


@pytest.mark.clause("1.1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_needs_an_article_of_the_publisher(desk: Desk, kind: str) -> None:
    for article in ("", "https://example.com/a", "javascript:alert(1)"):
        response = feed(desk, kind, article)
        assert response.status_code == desk.client.get("/wall", query_string={"article": article}).status_code
        assert response.status_code in (403, 422)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_wall_names_its_feeds(desk: Desk, language: str) -> None:
    desk.published()
    page = desk.client.get("/wall", query_string={"article": ARTICLE, "lang": language}).text
    links = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page)
    assert [kind for kind, _ in links] == ["application/atom+xml", "application/feed+json"]
    for kind, href in links:
        response = desk.client.get(href.replace("&amp;", "&"))
        assert response.content_type.startswith(kind)
        assert f'lang="{language}"' in response.text or f'"language": "{language}"' in response.text
