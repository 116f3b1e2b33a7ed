"""A language half as long again: no page of the reader's may overflow, cut or overlap its words."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from jinja2 import pass_context
from markupsafe import Markup
from playwright.sync_api import Browser, Route

from tests.support.desk import ARTICLE, Desk

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

_LONGER = str.maketrans(
    {vowel: accented * 2 for vowel, accented in zip("aeiouAEIOU", "áéíóúÁÉÍÓÚ", strict=True)}
)
PATHS = (
    "/", "/contribute", "/wall", "/terms", "/transparency", "/embed/form", "/embed/wall", "/embed/count", "/nothing",
    "/demo/article",
)  # fmt: skip
# What sticks out of its own box, or is cut by it, to be named.
_STICKS_OUT = """() => [...document.querySelectorAll('main *')].filter((element) => {
  const style = getComputedStyle(element);
  if (style.position === 'absolute' || style.display === 'inline') return false;
  if (['INPUT', 'TEXTAREA', 'SELECT', 'OPTION'].includes(element.tagName) || element.closest('.away, .scroll')) return false;
  return element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def lengthened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Every message of the catalogue comes out with doubled, accented vowels."""
    names = desk.app.jinja_env.globals
    for name in ("gettext", "ngettext"):
        monkeypatch.setitem(names, name, _longer(names[name]))
    desk.app.jinja_env.cache.clear()
    return desk


def _longer(say: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def said(context: Any, *arguments: Any, **values: Any) -> str:
        text = say(context, *arguments, **values)
        longer = str(text).translate(_LONGER)
        return Markup(longer) if isinstance(text, Markup) else longer  # as safe as it was

    return said


@pytest.mark.parametrize("width", [320, 768])
def test_words_half_as_long_again_fit(lengthened: Desk, browser: Browser, width: int) -> None:
    desk = lengthened
    thanks = desk.published(message="Halo")["id"]
    unpaid = desk.given()["id"]
    desk.close_feature(scope="section:Kemensos", public_reason="maintenance")
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    page.route("**/*", lambda route: _answer(desk, route))
    for path in (*PATHS, f"/contributions/{thanks}", f"/contributions/{unpaid}"):
        for article in (ARTICLE, "https://kompas.com/tren/a"):  # closed, and open
            page.goto(f"http://localhost{path}?{urlencode({'article': article, 'lang': 'id'})}")
            assert "áá" in page.content() or "éé" in page.content(), "the words are not lengthened"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert page.evaluate(_STICKS_OUT) == [], path
    context.close()


def _answer(desk: Desk, route: Route) -> None:
    """The service's own answer, without a server."""
    parts = urlsplit(route.request.url)
    answer = desk.app.test_client().get(f"{parts.path}?{parts.query}")
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)
