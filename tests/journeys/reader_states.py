"""Every state that a reader can meet, how to get there, and what it says: for tests and screenshots."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.stack import Stack, wait_for
from tests.support.forms import hidden

_CARD = "4929 6715 3804 2274"
_TIMEOUT = 20  # seconds


@dataclass
class Reader:
    """A reader with a browser of their own, in one language, and the people who serve them."""

    stack: Stack
    context: BrowserContext
    locale: str
    article: str = field(default_factory=lambda: f"https://kompas.com/bacaan/{secrets.token_hex(4)}")

    def at(self, path: str) -> str:
        """The address of a page of ours in this reader's language."""
        return f"{self.stack.url}{path}{'&' if '?' in path else '?'}lang={self.locale}"

    def of_article(self, path: str) -> str:
        return self.at(f"{path}?article={quote(self.article, safe='')}")

    def send(self, **fields: str) -> str:
        """Send the form as this browser; the checkout's address."""
        self.stack.control(reset=True)  # no script is left over from another reader
        kept = hidden(self.context.request.get(self.of_article("/contribute")).text())
        sent = (
            kept | {"amount": "25000", "message": "Sehat selalu, redaksi 🙏", "display_name": "Sri"} | fields
        )
        response = self.context.request.post(self.at("/contribute"), form=sent, max_redirects=0)
        assert response.status == 303, response.text()
        return response.headers["location"]

    def choose(self, checkout: str, outcome: str) -> str:
        """End a checkout; the id of its contribution."""
        chosen = requests.post(checkout, data={"outcome": outcome}, allow_redirects=False, timeout=_TIMEOUT)
        return urlsplit(chosen.headers["Location"]).path.rpartition("/")[2]

    def status(self, id_: str) -> str:
        answer = requests.get(f"{self.stack.url}/api/v1/contributions/{id_}", timeout=_TIMEOUT)
        return str(answer.json()["status"])

    def until(self, id_: str, status: str) -> str:
        """Wait until a contribution stands so; its page."""
        wait_for(lambda: self.status(id_) == status)
        return self.at(f"/contributions/{id_}")

    def paid(self, **fields: str) -> str:
        """A contribution that is paid; its id."""
        id_ = self.choose(self.send(**fields), "pay")
        self.until(id_, "paid")
        return id_

    def decided(self, decision: str, **fields: str) -> str:
        """A paid contribution whose message was decided; its page."""
        id_ = self.paid(**fields)
        token = self.stack.kept_token("moderator")
        desk = f"{self.stack.url}/api/v1/desk/moderation"
        queue = requests.get(f"{desk}/queue?limit=100", headers=token, timeout=_TIMEOUT).json()["items"]
        mine = next(item for item in queue if item["article"]["url"] == self.article)
        answer = requests.post(
            f"{desk}/messages/{mine['id']}/decision",
            json={"decision": decision, "revision": mine["revision"]},
            headers=token,
            timeout=_TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        return self.at(f"/contributions/{id_}")

    def close(self, **change: Any) -> None:
        """Close this reader's article, as an editor does."""
        body = {
            "scope": f"article:{self.article}",
            "open": False,
            "reason": "x",
            "public_reason": "maintenance",
        }
        self._turn(body | change)

    def reopen(self) -> None:
        self._turn({"scope": f"article:{self.article}", "open": True, "reason": "x"})

    def _turn(self, body: dict[str, Any]) -> None:
        url = f"{self.stack.url}/api/v1/desk/feature"
        answer = requests.put(url, json=body, headers=self.stack.kept_token("editor"), timeout=_TIMEOUT)
        assert answer.status_code == 200, answer.text


@dataclass(frozen=True)
class State:
    """A state: how a reader comes to its page, what they then do there, and a text of each language."""

    name: str
    reach: Callable[[Reader], str]
    says: tuple[str, str]
    act: Callable[[Page, Reader], None] | None = None
    scripted: bool = False  # the state needs JavaScript

    def text(self, locale: str) -> str:
        return self.says[("id", "en").index(locale)]


def _press_send(page: Page, _reader: Reader) -> None:
    page.locator("#give .send button").click()


def _send_a_card(page: Page, reader: Reader) -> None:
    page.locator("[name=amount]").first.check()
    page.locator("#message").fill(f"Nomorku {_CARD}")
    _press_send(page, reader)


def _type_an_amount(page: Page, _reader: Reader) -> None:
    page.locator("#other_amount").press_sequentially("1250000")
    page.locator("#message").fill("Terima kasih sudah menulis. " * 10)


def _send_while_the_processor_is_away(page: Page, reader: Reader) -> None:
    reader.stack.control(error="500", count=20)
    page.locator("[name=amount]").first.check()
    page.locator("#message").fill("Jangan hilang")
    _press_send(page, reader)
    page.wait_for_url(re.compile("/contribute"))
    reader.stack.control(reset=True)


def _closed(reader: Reader, **change: Any) -> str:
    reader.close(**change)
    return reader.of_article("/contribute")


def _cancelled(reader: Reader) -> str:
    id_ = reader.choose(reader.send(), "cancel")
    return reader.at(f"/contributions/{id_}?checkout=cancelled")


def _processing(reader: Reader) -> str:
    id_ = reader.choose(reader.send(), "pending_pay")
    wait_for(lambda: reader.status(id_) == "processing")
    reader.stack.control(delay_s=60, count=1)  # the news of the payment takes a minute
    return reader.at(f"/contributions/{id_}")


def _expired(reader: Reader) -> str:
    id_ = reader.choose(reader.send(), "cancel")  # back, and it can still be paid
    reader.close()
    page = reader.until(id_, "expired")
    reader.reopen()
    return page


def _reversed(reader: Reader) -> str:
    id_ = reader.paid()
    token = reader.stack.kept_token("finance")
    answer = requests.get(f"{reader.stack.url}/api/v1/contributions/{id_}", timeout=_TIMEOUT).json()
    url = f"{reader.stack.url}/api/v1/desk/contributions/{answer['reference']}"
    told = requests.get(url, headers=token, timeout=_TIMEOUT).text
    ref = re.findall(r'"payment_ref": ?"(\w+)"', told)[0]
    reader.stack.control(refund=ref, amount="25000")
    return reader.until(id_, "reversed")


def _receipt(reader: Reader) -> str:
    """The receipt, by the link on the page of thanks."""
    page = reader.context.request.get(reader.at(f"/contributions/{reader.paid()}")).text()
    found = re.search(r'href="(/contributions/\w+/receipt[^"]+)"', page)
    assert found is not None
    return reader.stack.url + unescape(found[1])


def _wall_with_messages(reader: Reader) -> str:
    for text in ("Sehat selalu, redaksi 🙏", "شكرا لكم على هذه المقالة المفيدة", "Matur nuwun. ꦩꦠꦸꦂꦤꦸꦮꦸꦤ꧀"):
        reader.decided("publish", message=text)
    return reader.of_article("/wall")


def _closed_wall(reader: Reader) -> str:
    reader.decided("publish")
    reader.close(walls="hide", public_reason="ended")
    return reader.of_article("/wall")


def _frame(reader: Reader, **query: str) -> str:
    more = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
    return reader.of_article("/embed/form") + more


def _closed_frame(reader: Reader, widget: str) -> str:
    reader.close(widget=widget)
    return _frame(reader)


def newsroom(reader: Reader) -> str:
    """The demo's newsroom page, which has another origin than ours."""
    port = urlsplit(reader.stack.url).port
    return f"http://localhost:{port}/demo/newsroom?lang={reader.locale}"


def open_dialog(page: Page, _reader: Reader) -> None:
    """Press the newsroom's own button, and wait until the form can be closed again."""
    page.locator("[data-apresiasi-open]").click()
    expect(page.frame_locator("dialog[open] iframe").locator(".close")).to_be_visible()


def _dialog_error(page: Page, reader: Reader) -> None:
    open_dialog(page, reader)
    frame = page.frame_locator("dialog iframe")
    frame.locator("#give .send button").click()
    expect(frame.locator("#amount-error")).to_be_visible()


STATES = (
    State("about", lambda r: r.at("/"), ("Cara kerjanya", "How it works")),
    State("article", lambda r: r.at("/demo/article"), ("Beri apresiasi", "Contribute")),
    State("form", lambda r: r.of_article("/contribute"), ("Kirim dan bayar", "Send and pay")),
    State("form-empty", lambda r: r.of_article("/contribute"), ("Isian ini tidak boleh kosong.", "This field may not be empty."), _press_send),
    State("form-card", lambda r: r.of_article("/contribute"), ("kartu", "card"), _send_a_card),
    State("form-typed", lambda r: r.of_article("/contribute"), ("satu juta dua ratus lima puluh ribu rupiah", "one million two hundred fifty thousand rupiah"), _type_an_amount, scripted=True),
    State("form-away", lambda r: r.of_article("/contribute"), ("Transaksi belum berhasil", "has not succeeded yet"), _send_while_the_processor_is_away),
    State("closed", _closed, ("sedang ditutup", "is closed at the moment")),
    State("checkout", lambda r: r.send(), ("Bayar", "Pay")),
    State("unpaid", _cancelled, ("Belum dibayar", "Not paid yet")),
    State("processing", _processing, ("Sedang diproses", "Being processed")),
    State("failed", lambda r: r.until(r.choose(r.send(), "decline"), "failed"), ("Pembayaran tidak berhasil", "The payment did not go through")),
    State("expired", _expired, ("Waktu pembayaran sudah habis", "The time to pay is over")),
    State("thanks", lambda r: r.at(f"/contributions/{r.paid()}"), ("Terima kasih", "Thank you")),
    State("thanks-live", lambda r: r.decided("publish"), ("Pesanmu sudah tayang.", "Your message is live.")),
    State("thanks-rejected", lambda r: r.decided("reject"), ("Terima kasih", "Thank you")),
    State("receipt", _receipt, ("Tanda terima", "Receipt")),
    State("reversed", _reversed, ("Pembayaran ini dikembalikan", "This payment went back")),
    State("wall-empty", lambda r: r.of_article("/wall"), ("Belum ada pesan", "No messages yet.")),
    State("wall", _wall_with_messages, ("Sehat selalu", "Sehat selalu")),
    State("wall-closed", _closed_wall, ("sudah berakhir", "have ended")),
    State("terms", lambda r: r.at("/terms"), ("1.1", "1.1")),
    State("transparency", lambda r: r.at("/transparency"), ("", "")),
    State("not-found", lambda r: r.at("/tidak-ada"), ("Tidak ditemukan", "Not found")),
    State("foreign-article", lambda r: r.at("/contribute?article=https://example.com/"), ("artikel", "article")),
    State("frame", _frame, ("Kirim dan bayar", "Send and pay")),
    State("frame-closed", lambda r: _closed_frame(r, "notice"), ("sedang ditutup", "is closed at the moment")),
    State("frame-hidden", lambda r: _closed_frame(r, "hide"), ("Bagikan artikel ini", "Share this article")),
    State("newsroom", newsroom, ("Beri apresiasi", "Contribute"), scripted=True),
    State("dialog", newsroom, ("Beri apresiasi", "Contribute"), open_dialog, scripted=True),
    State("dialog-empty", newsroom, ("Beri apresiasi", "Contribute"), _dialog_error, scripted=True),
)  # fmt: skip
BY_NAME = {state.name: state for state in STATES}
