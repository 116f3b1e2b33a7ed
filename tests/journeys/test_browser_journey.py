"""The main job in a real browser, in both languages: give, cancel, decline, pay, publish, export."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

WORDS = {
    "id": {
        "contribute": "Beri apresiasi", "send": "Kirim dan bayar", "empty": "Isian ini tidak boleh kosong.", "unpaid": "Belum dibayar",
        "change": "Ubah apresiasiku", "failed": "Pembayaran tidak berhasil", "again": "Coba lagi", "processed": "Sedang diproses",
        "thanks": "Terima kasih", "sign_in": "Masuk", "publish": "Tayangkan", "download": "Unduh", "pay": "Bayar", "decline": "Tolak pembayaran",
        "cancel": "Batal dan kembali", "pending": "Tertunda, lalu berhasil", "message": "Pesan", "name": "Nama yang ditampilkan", "password": "Kata sandi",
    },
    "en": {
        "contribute": "Contribute", "send": "Send and pay", "empty": "This field may not be empty.", "unpaid": "Not paid yet",
        "change": "Change my contribution", "failed": "The payment did not go through", "again": "Try again", "processed": "Being processed",
        "thanks": "Thank you", "sign_in": "Sign in", "publish": "Publish", "download": "Download", "pay": "Pay", "decline": "Decline",
        "cancel": "Cancel and go back", "pending": "Pending, then paid", "message": "Message", "name": "Public name", "password": "Password",
    },
}  # fmt: skip


# Every database with every language, and with and without a script; each two of these meet.
WAYS = [
    ("sqlite", "id", "with script"),
    ("sqlite", "en", "without script"),
    ("postgresql", "id", "without script"),
    ("postgresql", "en", "with script"),
]


@pytest.fixture
def context(request: pytest.FixtureRequest, browser: Browser, locale: str) -> Iterator[BrowserContext]:
    made = browser.new_context(
        locale={"id": "id-ID", "en": "en-GB"}[locale],
        java_script_enabled=request.param == "with script",
        viewport={"width": 360, "height": 740},
    )
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture(params=["id", "en"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def look(page: Page) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(("stack", "locale", "context"), WAYS, indirect=True)
def test_the_whole_job(
    stack: Stack,
    context: BrowserContext,
    browser: Browser,
    locale: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    words, scripted = WORDS[locale], "with script" in request.node.name
    check = look if scripted else lambda _page: None
    message = f"Sehat selalu 👨‍👩‍👧‍👦 ꦩꦠꦸꦂ شكرا {request.node.name}"
    page = context.new_page()

    page.goto(f"{stack.url}/demo/article?lang={locale}")
    check(page)
    page.get_by_role("link", name=words["contribute"]).click()
    check(page)

    button(page, words["send"])
    expect(page.locator("#amount-error")).to_have_text(words["empty"])
    check(page)

    page.get_by_label("Rp25", exact=False).first.check()
    page.get_by_label(words["message"]).first.fill(message)
    page.get_by_label(words["name"]).fill("Sri Wahyuni")
    page.get_by_label("E-mail").fill("sri@example.com")
    button(page, words["send"])
    assert page.url.startswith(stack.sandbox_url)
    check(page)

    button(page, words["cancel"])
    expect(page.get_by_role("heading", level=1)).to_have_text(words["unpaid"])
    expect(page.locator("blockquote")).to_have_text(message)
    check(page)
    page.get_by_role("link", name=words["change"]).click()
    expect(page.locator("#message")).to_have_value(message)
    expect(page.locator("#email")).to_have_value("sri@example.com")
    page.locator("input[name=amount][value='50000']").check()
    button(page, words["send"])

    button(page, words["decline"])
    expect(page.get_by_role("heading", level=1)).to_have_text(words["failed"])
    check(page)
    button(page, words["again"])

    button(page, words["pending"])
    expect(page.get_by_role("heading", level=1)).to_have_text(words["processed"])
    check(page)
    expect(page.get_by_text(words["thanks"], exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(words["thanks"], timeout=20_000)
    check(page)
    reference = page.locator("dd strong").inner_text()
    assert re.fullmatch(r"AS-[0-9A-Z]{4}-[0-9A-Z]{4}", reference)

    page.goto(f"{stack.url}/demo/article?lang={locale}")
    expect(page.get_by_text(message)).to_have_count(0)

    _publish(stack, browser, locale, message)
    page.reload()
    expect(page.get_by_text(message)).to_have_count(1)
    check(page)

    _export(stack, browser, locale, reference, tmp_path)


def _signed_in(stack: Stack, browser: Browser, locale: str, role: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{stack.url}/desk/login?lang={locale}")
    page.get_by_label("E-mail").fill(stack.staff[role]["email"])
    page.get_by_label(WORDS[locale]["password"]).fill(stack.staff[role]["password"])
    page.get_by_role("button", name=WORDS[locale]["sign_in"], exact=True).click()
    expect(page).to_have_url(re.compile("/desk$"))
    return page


def _publish(stack: Stack, browser: Browser, locale: str, message: str) -> None:
    page = _signed_in(stack, browser, locale, "moderator")
    page.goto(f"{stack.url}/desk/moderation?lang={locale}")
    look(page)
    card = page.locator("li.card", has_text=message)
    assert "50.000" not in card.inner_text()
    assert "50,000" not in card.inner_text()
    card.get_by_role("button", name=WORDS[locale]["publish"], exact=True).click()
    expect(page.locator("li.settled", has_text=message)).to_have_count(1)
    page.context.close()


def _export(stack: Stack, browser: Browser, locale: str, reference: str, folder: Path) -> None:
    page = _signed_in(stack, browser, locale, "finance")
    page.goto(f"{stack.url}/desk/finance?lang={locale}")
    look(page)
    page.goto(f"{stack.url}/desk/finance/exports?lang={locale}")
    look(page)
    page.click("form.card button.main")
    link = page.get_by_role("link", name=WORDS[locale]["download"])
    expect(link).to_be_visible(timeout=20_000)
    look(page)
    with page.expect_download() as download:
        link.click()
    target = folder / "rows.csv"
    download.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["reference"] == reference]
    assert [(row["type"], row["gross"], row["fee"]) for row in rows] == [
        ("contribution", "50000,00", "0,00"),
        ("fee", "0,00", "350,00"),
    ]
    assert {row["message_state"] for row in rows} == {"published"}
    page.context.close()


PAGES = [
    "/", "/demo/article", "/terms", "/contribute?article=https://kompas.com/a", "/wall?article=https://kompas.com/a", "/desk/login",
    "/nothing-here", "/contribute?article=https://example.com/", "/api/v1/docs",
]  # fmt: skip


@pytest.mark.parametrize("stack", ["sqlite"], indirect=True)  # pages look the same on both
@pytest.mark.parametrize("path", PAGES)
def test_every_page_passes_axe_in_light_and_dark_and_fits_every_screen(
    stack: Stack, browser: Browser, locale: str, path: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{stack.url}{path}{'&' if '?' in path else '?'}lang={locale}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        look(page)
    for width in (768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
