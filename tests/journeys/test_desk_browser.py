"""The moderation desk in a real browser: by keyboard, without a script, beside a colleague, on every screen."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.stack import Stack, wait_for
from tests.journeys.test_api_journey import choose, give

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("stack", ["sqlite"], indirect=True)]

WORDS = ("apel", "buku", "cermin", "danau", "embun", "fajar", "gunung", "hutan", "ikan", "jalan", "kebun", "laut",
         "mawar", "nelayan", "ombak", "padi", "rumah", "sungai", "taman", "udara", "warung", "yayasan", "zaman", "awan")  # fmt: skip
FLAGGED = ("Promo murah, 0812-3456-7890", "LUAR BIASA BAGUS SEKALI", "Lihat https://contoh.id/a")
PLACES = "all => all.map((one) => [one.id, ...Object.values(one.getBoundingClientRect().toJSON())])"
Enter = Callable[..., Page]
Made = list[tuple[str, str | None]]  # decisions with their reasons


@cache
def token(stack: Stack) -> dict[str, str]:
    """A lead's, whose holder is not the lead who signs in."""
    return stack.token("lead")


class Shelf:
    """One article of its own with its messages, so that no other test's stand between them."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.article = stack, f"https://kompas.com/desk/read/2026/01/01/{uuid4().hex}"
        self.path = f"/desk/moderation?article={quote(self.article)}"

    def call(self, method: str, path: str, **rest: Any) -> Any:
        url = f"{self.stack.url}/api/v1/{path}"
        answer = requests.request(method, url, headers=token(self.stack), timeout=10, **rest)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def items(self, state: str = "pending") -> list[dict[str, Any]]:
        asked = {"article": self.article, "limit": "100", "state": state}
        return list(self.call("GET", "desk/moderation/queue", params=asked)["items"])

    def bring(self, texts: Sequence[str]) -> list[str]:
        """Give and pay; the id of each message once all wait."""

        def pay(text: str) -> None:
            article = {"url": self.article, "title": f"Artikel tentang {text}", "section": "Nasional"}
            choose(give(self.stack, message=text, article=article).json()["checkout_url"], "pay")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(pay, texts))
        wait_for(lambda: {*texts} <= {it["message"] for it in self.items()})
        known = {it["message"]: it["id"] for it in self.items()}
        return [known[text] for text in texts]

    def decide(self, id_: str, decision: str, reason: str | None = None, revision: int = 1) -> None:
        body = {"decision": decision, "revision": revision, "reason": reason}
        self.call("POST", f"desk/moderation/messages/{id_}/decision", json=body)

    def history(self, id_: str) -> Made:
        made = self.call("GET", f"desk/moderation/messages/{id_}/history")["items"]
        return [(it["decision"], it["reason"]) for it in made]


@pytest.fixture
def shelf(stack: Stack) -> Iterator[Shelf]:
    """Afterwards nothing waits there that another test could meet."""
    made = Shelf(stack)
    yield made
    made.call("DELETE", "desk/moderation/claims")
    for it in made.items():
        made.decide(it["id"], "publish", revision=it["revision"])


@pytest.fixture
def enter(stack: Stack, browser: Browser, shelf: Shelf) -> Iterator[Enter]:
    """Sign somebody in with a browser of their own; afterwards they end their shift, and nothing
    but an expected refusal may have been told on any console."""
    pages: list[Page] = []
    told: list[str] = []

    def sign_in(role: str, locale: str = "id", **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale, **options)
        expect.set_options(timeout=15_000)
        page = context.new_page()
        pages.append(page)
        page.on("console", lambda said: told.append(f"{said.type} {said.text}"))
        page.on("pageerror", lambda error: told.append(f"error {error}"))
        page.goto(f"{stack.url}/desk/login?lang={locale}")
        while page.evaluate("document.activeElement.id") != "email":
            keys(page, "Tab")  # past the skip link, the brand and the languages
        for field, key in (("email", "Tab"), ("password", "Enter")):
            keys(page, *stack.staff[role][field], key)
        expect(page).to_have_url(re.compile("/desk$"))
        return page

    yield sign_in
    for page in pages:
        page.goto(f"{stack.url}/desk/moderation?mine=true")
        with page.expect_navigation():
            page.evaluate("document.querySelector('form[action*=release]').submit()")
        page.context.close()
    assert [it for it in told if it.startswith(("error", "warning")) and "status of 409" not in it] == []


def button(within: Any, name: str | None = None) -> None:
    within.get_by_role("button", name=name, exact=True).click()


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def open_desk(page: Page, shelf: Shelf, own: int) -> list[str]:
    """The queue of this shelf, with so many messages claimed by opening it; all their ids."""
    page.goto(f"{shelf.stack.url}{shelf.path}")
    expect(page.locator(".message.mine")).to_have_count(own)
    return list(page.locator(".message").evaluate_all("all => all.map((one) => one.dataset.id)"))


def here(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.message')?.dataset.id ?? ''"))


def card(page: Page, id_: str) -> Any:
    return page.locator(f"#message-{id_}")


def decide(page: Page, *names: str) -> None:
    """Press keys on the message that has the focus, and wait until it is decided."""
    decided = here(page)
    keys(page, *names)
    expect(card(page, decided)).to_have_class(re.compile("settled"))


def test_twenty_messages_are_decided_by_keyboard_alone(shelf: Shelf, enter: Enter) -> None:
    ids = shelf.bring([f"Terima kasih untuk tulisan tentang {word}" for word in WORDS])
    expected: dict[str, Made] = {id_: [] for id_ in ids}
    page = enter("moderator")
    open_desk(page, shelf, 10)
    reasons = page.locator("[data-reason]").evaluate_all("all => all.map((one) => one.dataset.reason)")
    keys(page, "j")
    for number in range(18):
        made = expected[here(page)]
        assert made == [], "the focus came back to a decided message"
        decide(page, *("a", f"r{number % 9 + 1}", "ha", "e", "r0")[number % 5])
        decision = ("publish", "reject", "publish", "escalate", "reject")[number % 5]
        made.append((decision, reasons[number % 9] if number % 5 == 1 else None))
        if number == 6:
            expect(page.locator(".message.mine:not(.settled)")).to_have_count(13)
            assert sum(it["claimed_by"] is not None for it in shelf.items()) == 13
            keys(page, "c")
            expect(page.locator(".message.mine:not(.settled)")).to_have_count(17)
    _undo_and_decide_anew(page, expected, reasons)
    _remove(page, shelf, expected, reasons)
    keys(page, "/", *"tulisan", "Enter")
    expect(page).to_have_url(re.compile("text=tulisan"))
    expect(page.locator(".message")).to_have_count(len(shelf.items("published")))
    expect(page.locator("#show-help")).to_be_visible()  # the script has run
    keys(page, "?")
    expect(page.locator("#help")).to_be_visible()
    assert {id_: shelf.history(id_) for id_ in expected} == expected
    assert sum(bool(made) for made in expected.values()) == 20


def _undo_and_decide_anew(page: Page, expected: dict[str, Made], reasons: list[str]) -> None:
    """A wrong decision is taken back and made anew; then one more message."""
    wrong = here(page)
    decide(page, "a")
    keys(page, "u")
    expect(card(page, wrong)).to_have_attribute("data-state", "pending")
    expect(card(page, wrong)).to_be_focused()
    decide(page, "r", "2")
    expected[wrong] = [("publish", None), ("undo", None), ("reject", reasons[1])]
    expected[here(page)] = [("publish", None)]
    decide(page, "a")


def _remove(page: Page, shelf: Shelf, expected: dict[str, Made], reasons: list[str]) -> None:
    """In the list of what is public: 0 is no reason there, Esc goes back, a digit removes."""
    page.goto(f"{shelf.stack.url}{shelf.path}&state=published")
    public = [it["id"] for it in shelf.items("published")]
    page.keyboard.type("jjjk")
    assert here(page) == public[1]
    page.keyboard.type("x0")
    expect(page.locator("#reasons")).to_be_visible()
    keys(page, "Escape")
    decide(page, "x", "3")
    expected[public[1]] += [("remove", reasons[2])]
    keys(page, "u")
    expect(card(page, public[1])).to_have_attribute("data-state", "published")
    expected[public[1]] += [("undo", None)]


def test_shortcuts_stay_out_of_fields_and_can_be_switched_off(shelf: Shelf, enter: Enter) -> None:
    shelf.bring([f"Salam hangat dari {word}" for word in WORDS[:3]])
    page = enter("moderator")
    ids = open_desk(page, shelf, 3)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for field in ("input[name=note]", "select[name=reason]", "input[name=hide_name]", "#text", "#section"):
        page.locator(field).first.focus()
        page.keyboard.type("a r x u e c?")
    keys(page, "Escape")
    page.locator(".message").first.focus()
    keys(page, *(f"{held}+{key}" for held in ("Control", "Alt", "Meta") for key in "areuxcj"))
    expect(page.locator(".message").first).to_be_focused()  # no dialog has it
    assert sent == []
    keys(page, "?", "Space", "Escape")  # the focus begins on the switch
    for _ in ("at once", "after a reload"):
        page.locator(".message").first.focus()
        page.keyboard.type("jarxuec?/")
        expect(page.locator(".message").first).to_be_focused()
        page.reload()
    page.locator("#show-help").press("Enter")
    expect(page.locator("#shortcuts")).not_to_be_checked()
    keys(page, "Space", "Escape")
    assert [url for url in sent if "/claims" not in url] == []
    assert [shelf.history(id_) for id_ in ids] == [[], [], []]
    page.keyboard.type("jajj")  # faster than the service answers
    expect(card(page, ids[0])).to_have_class(re.compile("settled"))
    expect(card(page, ids[2])).to_be_focused()


def look(page: Page, state: str, schemes: dict[int, str]) -> None:
    """Nothing is wider than any screen, and axe finds nothing on those that have a colour scheme."""
    for width in (768, 320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (state, width)
        if scheme := schemes.get(width):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
            found = Axe().run(page, options={"resultTypes": ["violations"]})
            assert found.violations_count == 0, (state, width, found.generate_report())


def _furnish(shelf: Shelf) -> tuple[str, str, str]:
    """Messages in every state; a public one, a removed one, and one that somebody else holds."""
    public, reported, rejected, removed, escalated, *flagged = shelf.bring([*WORDS[:5], *FLAGGED])
    for id_ in (public, reported, removed):
        shelf.decide(id_, "publish")
    shelf.decide(removed, "remove", "personal_data", 2)
    shelf.decide(rejected, "reject", "advertising")
    shelf.call("POST", f"wall/{reported}/reports", json={"reason": "hate_speech"})
    shelf.call("POST", "desk/moderation/claims", json={"article": shelf.article, "count": 4})
    shelf.decide(escalated, "escalate")
    return public, removed, flagged[0]


@pytest.mark.parametrize(("locale", "schemes"), [("id", {1440: "light"}), ("en", {320: "dark"})])
def test_every_state_passes_axe(shelf: Shelf, enter: Enter, locale: str, schemes: dict[int, str]) -> None:
    public, removed, held = _furnish(shelf)
    page = enter("lead", locale)
    page.goto(f"{shelf.stack.url}{shelf.path}&lang={locale}")
    expect(page.locator(".message.mine")).to_have_count(1)
    look(page, "queue", schemes)
    button(card(page, held).locator("[data-act=publish]"))
    expect(page.locator(".message [role=alert]")).to_have_count(1)
    look(page, "refused", schemes)
    card(page, held).focus()
    for key in "r?":
        keys(page, key)
        expect(page.locator("dialog[open]")).to_have_count(1)
        look(page, key, schemes)
        keys(page, "Escape")
    lists = ("state=published", "state=rejected", "state=removed", "text=nowhere")
    rooms = ("?mine=true", f"/messages/{removed}?", "/statistics?", "/shift?")
    paths = [*(f"{shelf.path}&{it}" for it in lists), *(f"/desk/moderation{it}" for it in rooms)]
    for path in [*paths, f"/wall/messages/{public}/report?"]:
        page.goto(f"{shelf.stack.url}{path}&lang={locale}")
        look(page, path, schemes)
    button(page.locator("main"))
    expect(page).to_have_url(re.compile("sent=yes"))
    look(page, "thanks", schemes)


def test_the_desk_without_a_script(shelf: Shelf, enter: Enter) -> None:
    one, two, three, four = ids = shelf.bring([f"Pesan nomor {word}" for word in WORDS[:4]])
    page = enter("moderator", java_script_enabled=False)
    page.goto(f"{shelf.stack.url}{shelf.path}&lang=id")
    expect(page.locator(".keys")).to_be_hidden()
    button(page, "Ambil 10")
    expect(page.locator(".message.mine")).to_have_count(4)
    button(card(page, one), "Tayangkan")
    card(page, two).locator("select").select_option("spam")
    card(page, two).get_by_label("Catatan").fill("iklan lama")
    button(card(page, two), "Tolak")
    for id_ in (three, four):
        card(page, id_).get_by_label("Pilih").check()
    button(page.locator("#bulk"), "Tayangkan")
    expect(page.locator(".notice")).to_have_text("Selesai: Tayang (2)")
    page.goto(f"{shelf.stack.url}{shelf.path}&state=rejected&lang=id")
    button(card(page, two), "Urungkan keputusan terakhir")
    button(page, "Akhiri giliran")
    expect(page).to_have_url(re.compile("/desk/moderation/shift"))
    published: Made = [("publish", None)]
    expected = [published, [("reject", "spam"), ("undo", None)], published, published]
    assert [shelf.history(id_) for id_ in ids] == expected
    assert [(it["id"], it["claimed_by"]) for it in shelf.items()] == [(two, None)]


def test_two_moderators_at_once(shelf: Shelf, enter: Enter) -> None:
    shelf.bring([f"Kabar baik dari {word}" for word in WORDS[:11]])
    first, second = enter("moderator"), enter("lead")
    open_desk(first, shelf, 10)
    second.clock.install()
    open_desk(second, shelf, 1)
    expect(second.locator(".message", has_text="Dipegang moderator")).to_have_count(10)
    keys(second, "j")
    theirs = here(second)
    keys(second, "a")
    expect(card(second, theirs).get_by_role("alert")).to_be_visible()
    expect(card(second, theirs)).to_be_focused()
    assert shelf.history(theirs) == []
    second.set_viewport_size({"width": 360, "height": 900})  # where the news have no column
    second.evaluate("scrollTo(0, 0)")
    places = second.locator(".message").evaluate_all(PLACES)
    shelf.bring(["Pesan yang baru saja datang"])
    second.clock.fast_forward(15_000)
    expect(second.locator("#news a")).to_have_text("Pesan baru: 1")
    assert second.locator(".message").evaluate_all(PLACES) == places
