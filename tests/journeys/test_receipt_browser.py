"""The receipt as the worker wrote it, in a real browser: the mail's HTML part and the page to print."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.reader_states import Reader
from tests.journeys.stack import Stack, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("stack", ["sqlite"], indirect=True)]

EACH = [("id", "light"), ("en", "dark")]
WIDTHS = (320, 700, 1440)
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
WORDS = {"id": "dua puluh lima ribu rupiah", "en": "twenty-five thousand rupiah"}


@pytest.fixture
def context(browser: Browser, scheme: str) -> Iterator[BrowserContext]:
    made = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    made.set_default_timeout(15_000)
    yield made
    made.close()


def mail_to(stack: Stack, address: str) -> EmailMessage:
    """The mail that the worker lays into the folder."""
    folder = Path(stack.environment["APRESIASI_INSTANCE_FOLDER"]) / "mail"

    def found() -> EmailMessage | None:
        read = [message_from_bytes(path.read_bytes(), policy=SMTP) for path in folder.glob("*.eml")]
        return next((it for it in read if isinstance(it, EmailMessage) and it["To"] == address), None)

    message: EmailMessage = wait_for(found)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


def require_readable(page: Page, **rules: Any) -> None:
    found = Axe().run(page, options=rules or None)
    assert found.violations_count == 0, found.generate_report()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate(FITS), width


@pytest.mark.parametrize(("locale", "scheme"), EACH)
def test_the_mail_and_the_page_to_print_are_readable_and_load_nothing_else(
    stack: Stack, context: BrowserContext, locale: str, scheme: str
) -> None:
    address = f"cetak.{locale}@contoh.example"
    Reader(stack, context, locale).paid(email=address)
    message = mail_to(stack, address)

    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(part(message, "html"))
    expect(page.locator("dl")).to_contain_text(WORDS[locale])
    # A mail has no landmarks; its dark paper is the program's own, which the rule takes for white.
    by_light = {"color-contrast": {"enabled": scheme == "light"}}
    require_readable(page, runOnly=["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], rules=by_light)
    assert asked == []

    link = re.search(r"\S+/receipt\?key=\S+", part(message, "plain"))
    assert link is not None
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(link[0])
    expect(page.locator("dl")).to_contain_text(WORDS[locale])
    require_readable(page)
    assert all(url.startswith((stack.url, "data:")) for url in asked)
    assert complaints == []
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45]\S* 84[12]", sheets)  # A4, in points
    page.close()
