"""The finance desk in a real browser: a month is exported, matched with the bank, and closed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from service.config import ROOT
from service.db import transaction
from service.finance import ledger
from service.finance.model import Payout
from service.staff import accounts
from tests.conftest import environment
from tests.journeys.stack import two_free_ports, wait_for_server
from tests.support.desk import Desk

pytestmark = pytest.mark.browser
EMAIL, PASSWORD = "keuangan@contoh.id", "uang-harus-cocok-2026"
DECEMBER = "2026-12-05T03:00:00+00:00"


@pytest.fixture
def november(desk: Desk) -> Desk:
    """Five contributions of November, of which one went back, and a payout; one exception is open."""
    with time_machine.travel(datetime(2026, 11, 10, 3, tzinfo=UTC), tick=False):
        for amount in ("25000", "50000", "100000", "10000", "15000"):
            desk.paid(amount=amount)
        desk.bench.pay_out()
        desk.deliver_all()
        with desk.app.app_context(), transaction(desk.session):
            ledger.raise_exception(desk.session, "adjustment", "sandbox:txn_1", None)
            accounts.add(desk.session, EMAIL, PASSWORD, ["finance"], "test")
    desk.session.rollback()
    return desk


class Server(NamedTuple):
    """A web server in December."""

    url: str
    process: subprocess.Popen[bytes]

    def let_minutes_pass(self) -> None:
        """Until who signed in must give the password again."""
        self.process.send_signal(signal.SIGUSR1)


@pytest.fixture
def server(november: Desk, tmp_path: Path) -> Iterator[Server]:
    port = two_free_ports()
    url = november.app.extensions["settings"].database_url.replace("+psycopg", "")
    settings = environment(
        url, APRESIASI_INSTANCE_FOLDER=str(tmp_path), APRESIASI_PUBLIC_URL=f"http://127.0.0.1:{port}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.at_another_time", DECEMBER, str(port)],
        cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    wait_for_server(address)
    yield Server(address, process)
    process.terminate()
    process.wait(30)


_pictures = count(1)


def look(page: Page) -> None:
    """No finding of axe, and nothing wider than a phone."""
    page.wait_for_load_state("load")
    if os.environ.get("LOOK"):
        page.screenshot(
            path=f"{os.environ['LOOK']}/{next(_pictures):02}-{page.evaluate('document.documentElement.lang')}.png",
            full_page=True,
        )
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]  # type: ignore[index]  # it was set


@pytest.mark.parametrize(
    ("backend", "locale"), [("sqlite", "id"), ("postgresql", "en")], indirect=["backend"]
)
def test_a_month_is_closed(browser: Browser, server: Server, november: Desk, locale: str) -> None:
    url = server.url
    scheme = "dark" if locale == "id" else "light"
    context = browser.new_context(viewport={"width": 320, "height": 800}, locale=locale, color_scheme=scheme)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{url}/desk/login?lang={locale}&next=/desk/finance")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.goto(f"{url}/desk/finance?month=2026-11&lang={locale}")
    expect(page.locator("h2#open")).to_be_visible()
    expect(page.locator("svg[role=img]")).to_have_count(3)
    look(page)
    _explain(page, url, locale)
    _match_the_bank(page, url, locale, november)
    server.let_minutes_pass()
    _close(page, url, locale)
    server.let_minutes_pass()
    _export(page, url, locale)
    page.goto(f"{url}/transparency?lang={locale}")
    expect(page.locator("body")).to_contain_text("Rp200.000" if locale == "id" else "Rp200,000")
    look(page)
    refused = [said for said in told if "422" not in said and "409" not in said]
    assert refused == []
    context.close()


def _explain(page: Page, url: str, locale: str) -> None:
    page.goto(f"{url}/desk/finance/exceptions?lang={locale}")
    page.fill("textarea", "Biaya bulanan pemroses.")
    page.click("article form button")
    expect(page.locator("article")).to_contain_text("Biaya bulanan pemroses.")
    look(page)


def _match_the_bank(page: Page, url: str, locale: str, desk: Desk) -> None:
    payout = desk.session.scalars(select(Payout)).one()
    amount, arrival, ref = payout.amount_minor // 100, payout.arrival, payout.ref
    desk.session.rollback()
    statement = f"Tanggal;Keterangan;Jumlah\n{arrival:%d/%m/%Y};SETTLEMENT {ref};{amount},00\n"
    page.goto(f"{url}/desk/finance/payouts?lang={locale}")
    page.set_input_files(
        "#file", files=[{"name": "mutasi.csv", "mimeType": "text/csv", "buffer": statement.encode()}]
    )
    page.click("form.card button.main")
    expect(page.locator("table").first).to_contain_text(
        "ketiganya cocok" if locale == "id" else "all three agree"
    )
    look(page)
    page.click(f"text={ref} >> nth=0")
    expect(page.locator("h1")).to_contain_text(ref)
    look(page)


def _close(page: Page, url: str, locale: str) -> None:
    page.goto(f"{url}/desk/finance/periods?lang={locale}")
    page.click("text=2026-11")
    look(page)
    for purpose, amount in (
        ("service_continuity", "100000"),
        ("content_development", "50000"),
        ("newsroom_operations", "49999"),
    ):
        page.fill(f"[name='{purpose}.IDR']", amount)
    page.fill("#confirm", "bukan kata sandi saya")
    page.click("form.card button.main")
    expect(page.locator("#confirm-error")).to_be_visible()
    expect(page.locator("[name='newsroom_operations.IDR']")).to_have_value("49999")
    look(page)
    page.fill("#confirm", PASSWORD)
    page.press("#confirm", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("200000.00")
    expect(page.locator("[name='newsroom_operations.IDR']")).to_have_value("49999")
    look(page)
    page.fill("[name='newsroom_operations.IDR']", "50000")
    page.click("form.card button.main")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("code").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    look(page)


def _export(page: Page, url: str, locale: str) -> None:
    page.click("text=xlsx")
    look(page)
    page.fill("#confirm", PASSWORD)
    page.click("form.card button.main")
    expect(page.locator("a.main.button")).to_be_visible(timeout=20_000)
    look(page)
    with page.expect_download() as download:
        page.click("a.main.button")
    assert download.value.suggested_filename == "movements-2026-11-01-2026-11-30.xlsx"
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
