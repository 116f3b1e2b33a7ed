"""Feeds of an article's wall: Atom 1.0 (RFC 4287) and JSON Feed 1.1 of the same entries (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from service.clock import rfc3339

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NEVER = "1970-01-01T00:00:00Z"  # nothing was published yet, and Atom wants a moment
# What no XML 1.0 document may hold, written out or not (section 2.2).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class Entry:
    """One public message; ``page`` is where readers see it."""

    id: str
    page: str
    title: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest messages of an article: ``address`` is the feed's own, ``page`` its wall."""

    id: str
    title: str
    publisher: str
    language: str
    address: str
    page: str
    entries: Sequence[Entry]


def name_of(article: str, what: str) -> str:
    """A ``tag:`` URI (RFC 4151) of the publisher's host: it never changes, wherever we are reached."""
    return f"tag:{urlsplit(article).hostname},2026:apresiasi/{what}"


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document."""
    root = Element(f"{{{ATOM}}}feed", {_LANGUAGE: feed.language})
    newest = max((entry.at for entry in feed.entries), default=None)
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", rfc3339(newest) or _NEVER)
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", feed.publisher)
    _link(root, "self", "application/atom+xml", feed.address)
    _link(root, "alternate", "text/html", feed.page)
    for entry in feed.entries:
        _entry(SubElement(root, f"{{{ATOM}}}entry"), entry)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(node: Element, entry: Entry) -> None:
    at = rfc3339(entry.at) or _NEVER
    _text(node, "id", entry.id)
    _text(node, "title", entry.title)
    _text(node, "updated", at)
    _text(node, "published", at)
    _text(SubElement(node, f"{{{ATOM}}}author"), "name", entry.author)
    _link(node, "alternate", "text/html", entry.page)
    _text(node, "content", entry.text).set("type", "text")


def _text(parent: Element, name: str, text: str) -> Element:
    node = SubElement(parent, f"{{{ATOM}}}{name}")
    node.text = _NO_XML.sub("\ufffd", text)
    return node


def _link(parent: Element, rel: str, type_: str, href: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "type": type_, "href": href})


def json_feed(feed: Feed) -> dict[str, Any]:
    """The feed as a JSON Feed."""
    return {
        "version": JSON_FEED,
        "title": feed.title,
        "language": feed.language,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "authors": [{"name": feed.publisher}],
        "items": [
            {
                "id": entry.id,
                "url": entry.page,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": rfc3339(entry.at),
                "authors": [{"name": entry.author}],
            }
            for entry in feed.entries
        ],
    }
