"""The editor's page on a phone: one tap closes, one tap opens again, with and without JavaScript."""

import os
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.stack import Stack
from tests.support.desk import ARTICLE, gift

pytestmark = pytest.mark.browser
WORDS = {
    "id": {
        "close": "Tutup sekarang",
        "open": "Buka kembali",
        "closed": "Ditutup",
        "counts": "Masih terbuka",
    },
    "en": {"close": "Close now", "open": "Open again", "closed": "Closed", "counts": "Open checkouts"},
}
_pictures = count(1)


def look(page: Page) -> None:
    """No finding of axe, and nothing wider than a phone."""
    page.wait_for_load_state("load")
    if os.environ.get("LOOK"):
        page.screenshot(path=f"{os.environ['LOOK']}/switch-{next(_pictures):02}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def sign_in(browser: Browser, stack: Stack, locale: str, **context: Any) -> Page:
    page = browser.new_context(locale=locale, **context).new_page()
    page.goto(f"{stack.url}/desk/login?lang={locale}&next=/desk/switch")
    page.fill("#email", stack.staff["editor"]["email"])
    page.fill("#password", stack.staff["editor"]["password"])
    page.press("#password", "Enter")
    page.wait_for_url("**/desk/switch*")
    return page


def give(stack: Stack, key: str) -> None:
    requests.post(
        f"{stack.url}/api/v1/contributions", json=gift(), headers={"Idempotency-Key": key}, timeout=30
    ).raise_for_status()


@pytest.mark.parametrize(
    ("locale", "width", "scheme"), [("id", 320, "light"), ("en", 320, "dark"), ("en", 1440, "light")]
)
@pytest.mark.parametrize("stack", ["postgresql"], indirect=True)
def test_one_tap_closes_and_the_numbers_follow(
    browser: Browser, stack: Stack, locale: str, width: int, scheme: Any
) -> None:
    words, key = WORDS[locale], f"tap-{locale}-{width}"
    give(stack, key)
    page = sign_in(browser, stack, locale, viewport={"width": width, "height": 800}, color_scheme=scheme)
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    look(page)
    page.get_by_role("button", name=words["close"]).click()
    expect(page.locator(".standing strong")).to_have_text(words["closed"])
    look(page)
    numbers = page.locator("#live dd")
    expect(numbers.nth(1)).not_to_have_text("0", timeout=20_000)  # by itself, without a reload
    expect(numbers.nth(0)).to_have_text("0", timeout=20_000)
    page.get_by_role("button", name=words["open"]).click()
    expect(page.get_by_role("button", name=words["close"])).to_be_visible()
    page.goto(f"{stack.url}/desk/switch?article={quote(ARTICLE)}&lang={locale}")
    page.locator("summary").first.click()
    page.fill("#until", "2020-01-01T00:00")
    page.get_by_role("button", name=words["close"]).click()
    expect(page.locator("[role=alert]")).to_be_visible()
    look(page)
    assert [said for said in told if "422" not in said] == []
    page.context.close()


@pytest.mark.parametrize("stack", ["sqlite"], indirect=True)
def test_without_javascript_it_is_the_same_two_taps(browser: Browser, stack: Stack) -> None:
    page = sign_in(browser, stack, "id", viewport={"width": 320, "height": 800}, java_script_enabled=False)
    page.get_by_role("button", name="Tutup sekarang").click()
    expect(page.locator(".standing strong")).to_have_text("Ditutup")
    page.goto(f"{stack.url}/desk/switch?scope=section:Kemensos&lang=id")
    expect(page.locator(".standing")).to_contain_text("tetap tertutup")
    page.get_by_role("link", name="semuanya").first.click()
    page.get_by_role("button", name="Buka kembali").click()
    expect(page.get_by_role("button", name="Tutup sekarang")).to_be_visible()
    page.context.close()
