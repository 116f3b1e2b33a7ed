"""Every state of the reader's pages in a real browser: both languages, light and dark, with and
without a script, on the narrowest phone and at 200 % zoom."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.reader_states import BY_NAME, STATES, Reader, State, open_dialog
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("stack", ["sqlite"], indirect=True)]

# Each language with one scheme in every run, the other two with the drills.
USUAL = [("id", "light"), ("en", "dark")]
REST = [
    pytest.param("id", "dark", marks=pytest.mark.drill),
    pytest.param("en", "light", marks=pytest.mark.drill),
]
WIDTHS = (320, 640, 768, 1440)  # 640 is 1280 at 200 %
_WATCH = "addEventListener('securitypolicyviolation', (e) => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"


@pytest.fixture
def context(browser: Browser, locale: str, scheme: str) -> Iterator[BrowserContext]:
    made = browser.new_context(
        locale={"id": "id-ID", "en": "en-GB"}[locale],
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its words
        viewport={"width": 320, "height": 740},
        reduced_motion="reduce",
    )
    made.set_default_timeout(15_000)
    made.add_init_script(_WATCH)
    yield made
    made.close()


def show(page: Page, url: str, state: State, reader: Reader) -> None:
    """The page of a state, after what the reader does there."""
    page.goto(url)
    if state.act is not None:
        state.act(page, reader)
    expect(page.locator("body")).to_contain_text(state.text(reader.locale))


def about_the_answer(complaint: str) -> bool:
    """A browser also calls an answer of 4xx or 503 an error; our refusals are such answers."""
    return complaint.startswith("Failed to load resource: the server responded with a status of")


@pytest.mark.parametrize(("locale", "scheme"), [*USUAL, *REST])
@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_a_state_is_reached_readable_and_fits_with_and_without_a_script(
    stack: Stack, browser: Browser, context: BrowserContext, locale: str, scheme: str, state: State
) -> None:
    reader = Reader(stack, context, locale)
    url, page = state.reach(reader), context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    show(page, url, state, reader)
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    assert not [text for text in complaints if not about_the_answer(text)]
    if not state.scripted:
        plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
        show(plain.new_page(), url, state, reader)
        plain.close()


@pytest.mark.parametrize(("locale", "scheme"), USUAL)
def test_giving_by_keyboard_alone(stack: Stack, context: BrowserContext, locale: str, scheme: str) -> None:
    reader = Reader(stack, context, locale)
    page = context.new_page()
    page.goto(reader.of_article("/contribute"))
    _tab_to(page, "skip")
    page.keyboard.press("Enter")
    _tab_to(page, "amount-first")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    _tab_to(page, "message")
    page.keyboard.type("Tanpa tetikus")
    _tab_to(page, "email")
    page.keyboard.press("Enter")  # sends, as a form does
    page.wait_for_url(f"{stack.sandbox_url}/**")
    assert "25" in page.locator("body").inner_text()


@pytest.mark.parametrize(("locale", "scheme"), [("id", "light")])
def test_the_dialog_by_keyboard_alone(
    stack: Stack, context: BrowserContext, locale: str, scheme: str
) -> None:
    reader = Reader(stack, context, locale)
    page = context.new_page()
    page.goto(BY_NAME["newsroom"].reach(reader))
    page.locator("[data-apresiasi-open]").focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("dialog iframe")
    expect(frame.locator(".close")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-apresiasi-open]")).to_be_focused()
    open_dialog(page, reader)
    frame.locator("#other_amount").focus()
    page.keyboard.press("Escape")  # also from within the frame
    expect(page.locator("dialog[open]")).to_have_count(0)
    open_dialog(page, reader)
    frame.locator(".oke button").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of this id or class has the focus, as a person would."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(
            "(n) => document.activeElement.id === n || document.activeElement.classList.contains(n)", name
        ):
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


SHARED = {"id": "Bagikan artikel ini", "en": "Share this article"}
EMPTY = {"id": "Isian ini tidak boleh kosong.", "en": "This field may not be empty."}
AGREED = {"id": "menyetujui syarat penggunaan KOMPAS.com", "en": "agreed to KOMPAS.com's terms of use"}
FAILED = {"id": "Transaksi belum berhasil", "en": "The transaction has not succeeded yet"}
THANKED = {"id": "menjadi bagian dari jurnalisme KOMPAS.com", "en": "part of the journalism of KOMPAS.com"}


@pytest.mark.parametrize("scheme", ["light"])
@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_six_states_that_a_reader_of_the_publisher_knows(
    stack: Stack, context: BrowserContext, locale: str, scheme: str
) -> None:
    reader = Reader(stack, context, locale)
    page = context.new_page()
    # 1: below the article, also while it is closed: sharing and the invitation.
    reader.close()
    page.goto(reader.of_article("/embed/form"))
    expect(page.locator("body")).to_contain_text(SHARED[locale])
    expect(page.locator("h1")).to_have_text("Apresiasi Spesial")
    reader.reopen()
    # 2: the form in a dialog, its empty amount, and what sending means.
    page.goto(BY_NAME["newsroom"].reach(reader))
    expect(page.frame_locator("section iframe >> nth=0").locator(".share")).to_contain_text(SHARED[locale])
    open_dialog(page, reader)
    form = page.frame_locator("dialog iframe")
    form.locator("#give .send button").click()
    expect(form.locator("#amount-error")).to_have_text(EMPTY[locale])
    expect(form.locator(".agreement")).to_contain_text(AGREED[locale])
    # 3: "learn more" opens the terms in their seven sections.
    with context.expect_page() as opened_page:
        form.locator(".agreement a").click()
    terms = opened_page.value
    expect(terms.locator("main section > h2")).to_have_count(7)
    terms.close()
    # 5: the processor cannot be reached: sending failed, and the form is kept.
    form.locator("[name=amount]").first.check()
    form.locator("#message").fill("Tetap di sini")
    stack.control(error="500", count=20)
    form.locator("#give .send button").click()
    expect(page.locator("#summary")).to_contain_text(FAILED[locale])
    expect(page.locator("#message")).to_have_value("Tetap di sini")
    stack.control(reset=True)
    # 4: the payment happens at a third party.
    page.locator("#give .send button").click()
    page.wait_for_url(f"{stack.sandbox_url}/**")
    # 6: sent, with thanks.
    page.locator("button[value=pay]").click()
    expect(page.locator("#state.good")).to_contain_text(THANKED[locale])
