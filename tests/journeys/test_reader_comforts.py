"""What the form's script adds: amounts as they are typed, words, the counter, and one press only."""

import random
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from service.contributions.words import amount_in_words
from service.money import Money
from service.plain_text import clean_paragraphs, graphemes
from tests.journeys.reader_states import Reader
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("stack", ["sqlite"], indirect=True)]

_PAID = re.compile(r"Rp([\d.,]+)")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def show(page: Page, stack: Stack, locale: str) -> Reader:
    reader = Reader(stack, page.context, locale)
    page.goto(reader.of_article("/contribute"))
    return reader


@pytest.mark.parametrize("count", [12, pytest.param(500, marks=pytest.mark.drill)])
def test_amounts_typed_into_the_form_reach_the_processor_unchanged(
    stack: Stack, page: Page, count: int
) -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    for number in range(count):
        locale, amount = chance.choice(("id", "en")), _some_amount(chance)
        reader = show(page, stack, locale)
        page.locator("#other_amount").press_sequentially(_as_typed(amount, locale, chance))
        page.locator("#give .send button").click()
        page.wait_for_url(f"{stack.sandbox_url}/**")
        asked = _PAID.search(page.locator("body").inner_text())
        assert asked is not None
        assert int(re.sub(r"\D", "", asked[1])) == amount, (seed, number, locale)
        assert reader.article


def _some_amount(chance: random.Random) -> int:
    """From the smallest to the largest, as likely to be small as large."""
    return min(10_000_000, round(10_000 * 10 ** chance.uniform(0, 3)))


def _as_typed(amount: int, locale: str, chance: random.Random) -> str:
    """Plain, or grouped as people of either habit do."""
    grouped = f"{amount:,}"
    return chance.choice([str(amount), grouped if locale == "en" else grouped.replace(",", ".")])


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_words_under_the_amount_are_the_servers(stack: Stack, page: Page, locale: str) -> None:
    show(page, stack, locale)
    chance = random.Random(7)
    amounts = [
        *range(100),
        100,
        101,
        110,
        111,
        999,
        1000,
        1001,
        1999,
        11_000,
        19_019,
        100_000,
        999_999,
        10**6,
        10**9,
    ]
    amounts += [chance.randrange(10 ** chance.randrange(1, 12)) for _ in range(300)]
    said = page.evaluate(
        """(amounts) => amounts.map((amount) => {
          const field = document.getElementById("other_amount");
          field.value = String(amount);
          field.dispatchEvent(new Event("input"));
          return document.getElementById("amount-words").value;
        })""",
        amounts,
    )
    assert said == [amount_in_words(Money.of_major(amount, "IDR"), locale) for amount in amounts]


@pytest.mark.parametrize(
    ("locale", "typed", "shown", "words"),
    [
        ("id", "25000", "25.000", "dua puluh lima ribu rupiah"),
        ("en", "25000", "25,000", "twenty-five thousand rupiah"),
        ("id", "Rp25.000", "Rp25.000", "dua puluh lima ribu rupiah"),
        ("en", "25.000", "25.000", "twenty-five thousand rupiah"),
        ("id", "25.000,50", "25.000,50", ""),
        ("id", "25000.00", "25.000.00", ""),
        ("en", "25000,00", "25,000,00", ""),
        ("id", "10000.50", "10.000.50", ""),
        ("id", "25.5", "25.5", ""),
        ("id", "2.500", "2.500", "dua ribu lima ratus rupiah"),
        ("id", "dua ribu", "dua ribu", ""),
        ("id", "0025000", "25.000", "dua puluh lima ribu rupiah"),
    ],
)
def test_an_amount_is_grouped_as_it_is_typed_and_never_becomes_another(
    stack: Stack, page: Page, locale: str, typed: str, shown: str, words: str
) -> None:
    show(page, stack, locale)
    page.locator("#other_amount").press_sequentially(typed)
    expect(page.locator("#other_amount")).to_have_value(shown)
    expect(page.locator("#amount-words")).to_have_text(words)
    expect(page.locator("#amount-other")).to_be_checked()


def test_the_cursor_stays_where_it_was(stack: Stack, page: Page) -> None:
    show(page, stack, "id")
    field = page.locator("#other_amount")
    field.press_sequentially("1234567")
    for _ in range(4):
        field.press("ArrowLeft")
    field.press_sequentially("9")
    expect(field).to_have_value("12.349.567")
    assert field.evaluate("(it) => it.selectionStart") == len("12.349")
    field.press("Backspace")
    expect(field).to_have_value("1.234.567")


def test_a_preset_takes_the_other_amounts_place(stack: Stack, page: Page) -> None:
    show(page, stack, "id")
    page.locator("#other_amount").press_sequentially("37500")
    page.locator("input[name=amount][value='50000']").check()
    expect(page.locator("#other_amount")).to_have_value("")
    expect(page.locator("#amount-words")).to_have_text("lima puluh ribu rupiah")
    page.locator("#give .send button").click()
    page.wait_for_url(f"{stack.sandbox_url}/**")
    assert "50.000" in page.locator("body").inner_text()


TEXTS = ["", "Halo", "👨‍👩‍👧‍👦 keluarga", "ꦩꦠꦸꦂꦤꦸꦮꦸꦤ꧀", "شكرا لكم", "  dua   spasi \r\n\r\n\r\n\r\n baris ", "e\u0301" * 20, "🇮🇩🇮🇩", "a" * 300, "\t\n "]  # fmt: skip


def test_the_counter_counts_as_the_server_does(stack: Stack, page: Page) -> None:
    show(page, stack, "id")
    for text in TEXTS:
        page.locator("#message").fill(text)
        left = 280 - len(graphemes(clean_paragraphs(text)))
        word = "Sisa karakter" if left >= 0 else "Kelebihan karakter"
        expect(page.locator("#message-count")).to_have_text(f"{word}: {abs(left)}")


def test_the_counter_is_said_when_little_is_left_and_not_at_every_key(stack: Stack, page: Page) -> None:
    page.clock.install()
    show(page, stack, "id")
    page.locator("#message").fill("a" * 100)
    page.clock.run_for(1100)
    expect(page.locator("#message-said")).to_have_text("")
    page.locator("#message").fill("a" * 270)
    page.clock.run_for(900)
    expect(page.locator("#message-said")).to_have_text("")
    page.clock.run_for(200)
    expect(page.locator("#message-said")).to_have_text("Sisa karakter: 10")


def test_a_double_click_sends_once(stack: Stack, page: Page) -> None:
    show(page, stack, "id")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("input[name=amount]").first.check()
    page.locator("#give .send button").dblclick()
    page.wait_for_url(f"{stack.sandbox_url}/**")
    assert len(sent) == 1


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_page_follows_the_money_and_the_message_by_itself(stack: Stack, page: Page, locale: str) -> None:
    reader = Reader(stack, page.context, locale)
    id_ = reader.choose(reader.send(), "pending_pay")
    page.goto(reader.until(id_, "processing"))
    expect(page.locator("h1")).to_have_text({"id": "Sedang diproses", "en": "Being processed"}[locale])
    expect(page.locator("h1")).to_have_text({"id": "Terima kasih", "en": "Thank you"}[locale])
    expect(page.locator("#state")).to_have_attribute("data-message", "pending")


def test_earlier_messages_come_onto_the_same_page(stack: Stack, page: Page) -> None:
    reader = Reader(stack, page.context, "id")
    for number in range(21):
        reader.decided("publish", message=f"Pesan nomor {number}")
    page.goto(reader.of_article("/wall"))
    expect(page.locator("#wall > li")).to_have_count(20)
    page.locator("[data-more]").click()
    expect(page.locator("#wall > li")).to_have_count(21)
    expect(page.locator("#wall > li").last).to_be_focused()
    expect(page.locator("[data-more]")).to_have_count(0)
    assert page.locator("#wall blockquote").all_inner_texts() == [
        f"Pesan nomor {n}" for n in range(20, -1, -1)
    ]


def test_copying_shares_the_article_and_nothing_else(stack: Stack, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader = Reader(stack, page.context, "id")
    page.goto(reader.at(f"/contributions/{reader.paid()}"))
    page.locator("[data-share=copy]").click()
    expect(page.locator("[data-share=copy]")).to_have_text("Tersalin")
    assert page.evaluate("navigator.clipboard.readText()") == reader.article
    whatsapp = page.locator(".share a").get_attribute("href")
    assert whatsapp is not None
    assert "contributions" not in whatsapp


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("pasted", ["25000.00", "25000,00", "Rp\u00a025.000", "25.000,-"])
def test_what_is_pasted_is_the_amount_that_it_is_without_a_script(
    stack: Stack, page: Page, locale: str, pasted: str
) -> None:
    show(page, stack, locale)
    page.locator("#other_amount").fill(pasted)
    expect(page.locator("#other_amount")).to_have_value(pasted)
    page.locator("#give .send button").click()
    page.wait_for_url(f"{stack.sandbox_url}/**")
    asked = _PAID.search(page.locator("body").inner_text())
    assert asked is not None
    assert re.sub(r"\D", "", asked[1]) == "25000"
