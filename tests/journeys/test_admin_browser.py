"""The administration desk in a real browser: a colleague is let in, changed, and shut out again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from service.config import ROOT
from service.db import transaction
from service.staff import accounts
from tests.conftest import environment
from tests.journeys.stack import two_free_ports, wait_for_server
from tests.support.desk import Desk

pytestmark = pytest.mark.browser
ADMIN, NEW = "kepala.administrasi@contoh.id", "rekan.baru@contoh.id"
PASSWORD, CHOSEN = "jaga-gerbang-malam", "kopi tubruk tanpa gula"
_pictures = count(1)


@pytest.fixture
def url(desk: Desk, tmp_path: Path) -> Iterator[str]:
    """The web server on an empty database with one administrator."""
    with desk.app.app_context(), transaction(desk.session):
        accounts.add(desk.session, ADMIN, PASSWORD, ["admin"], "test")
    desk.session.rollback()
    port = two_free_ports()
    database = desk.app.extensions["settings"].database_url.replace("+psycopg", "")
    address = f"http://127.0.0.1:{port}"
    settings = environment(database, APRESIASI_INSTANCE_FOLDER=str(tmp_path), APRESIASI_PUBLIC_URL=address)
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port)],
        cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for_server(address)
    yield address
    server.terminate()
    server.wait(30)


def look(page: Page) -> None:
    """No finding of axe, nothing wider than the screen, and no script that it could need."""
    page.wait_for_load_state("load")
    assert page.locator("script").count() == 0
    if os.environ.get("LOOK"):
        name = f"{next(_pictures):02}-{page.evaluate('document.documentElement.lang')}-{page.viewport_size['width']}"  # type: ignore[index]  # it was set
        page.screenshot(path=f"{os.environ['LOOK']}/{name}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]  # type: ignore[index]  # it was set


def sign_in(page: Page, url: str, locale: str, email: str, password: str, room: str) -> None:
    page.goto(f"{url}/desk/login?lang={locale}&next={room}?lang={locale}")
    page.fill("#email", email)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(f"**{room}?**")


@pytest.mark.parametrize(
    ("backend", "locale", "scheme", "width"),
    [("sqlite", "id", "dark", 320), ("postgresql", "en", "light", 1440)],
    indirect=["backend"],
)
def test_a_colleague_comes_and_goes(browser: Browser, url: str, locale: str, scheme: str, width: int) -> None:
    def newcomer() -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=locale,
            color_scheme=scheme,  # type: ignore[arg-type]  # one of the two
        )
        opened = context.new_page()
        opened.on("console", lambda said: told.append(said.text))
        opened.on("pageerror", lambda error: told.append(str(error)))
        return opened

    told: list[str] = []
    admin, colleague = newcomer(), newcomer()
    look_at_the_door(admin, url, locale)
    sign_in(admin, url, locale, ADMIN, PASSWORD, "/desk/admin")
    admin.goto(f"{url}/desk/admin?lang={locale}")
    expect(admin.locator("#attention")).to_be_visible()
    look(admin)
    link = _add(admin)
    _choose(colleague, link, url, locale)
    _change_roles(admin, colleague, url, locale)
    _token(admin, url, locale)
    _trail(admin, url, locale)
    _own_account(admin, url, locale)
    _shut_out(admin, colleague, url, locale)
    assert [said for said in told if "422" not in said and "410" not in said] == []
    admin.context.close()
    colleague.context.close()


def look_at_the_door(page: Page, url: str, locale: str) -> None:
    page.goto(f"{url}/desk/login?lang={locale}")
    look(page)


def _add(admin: Page) -> str:
    """By keyboard from the bar to the link that is handed over."""
    admin.locator(".rooms-within a[href^='/desk/admin/staff']").focus()
    admin.keyboard.press("Enter")
    admin.wait_for_url("**/desk/admin/staff?**")
    admin.fill("#email", "bukan alamat")
    admin.press("#email", "Enter")
    expect(admin.locator("[role=alert]")).to_be_visible()
    look(admin)
    admin.fill("#email", NEW)
    admin.check("input[value=moderator]")
    admin.press("#email", "Enter")
    expect(admin.locator("#link")).to_be_visible()
    look(admin)
    return admin.input_value("#link")


def _choose(colleague: Page, link: str, url: str, locale: str) -> None:
    colleague.goto(f"{link}?lang={locale}")
    look(colleague)
    colleague.fill("#password", "katasandi2026")
    colleague.fill("#again", "katasandi2026")
    colleague.press("#again", "Enter")
    expect(colleague.locator("#password-error")).to_be_visible()
    look(colleague)
    colleague.fill("#password", CHOSEN)
    colleague.fill("#again", CHOSEN)
    colleague.press("#again", "Enter")
    expect(colleague.get_by_role("status")).to_be_visible()
    look(colleague)
    sign_in(colleague, url, locale, NEW, CHOSEN, "/desk")
    expect(colleague.locator(".rooms-bar a[href^='/desk/moderation']")).to_be_visible()
    expect(colleague.locator(".rooms-bar a[href^='/desk/admin']")).to_have_count(0)
    look(colleague)
    colleague.goto(f"{link}?lang={locale}")
    look(colleague)


def _change_roles(admin: Page, colleague: Page, url: str, locale: str) -> None:
    admin.goto(f"{url}/desk/admin/staff?lang={locale}")
    look(admin)
    admin.click(f"text={NEW}")
    look(admin)
    admin.check("input[value=finance]")
    admin.uncheck("input[value=moderator]")
    admin.click("form[action*='/roles'] button")
    expect(admin.get_by_role("status")).to_be_visible()
    look(admin)
    colleague.goto(f"{url}/desk?lang={locale}")
    expect(colleague.locator(".rooms-bar a[href^='/desk/finance']")).to_be_visible()
    expect(colleague.locator(".rooms-bar a[href^='/desk/moderation']")).to_have_count(0)


def _token(admin: Page, url: str, locale: str) -> None:
    admin.goto(f"{url}/desk/admin/tokens?lang={locale}")
    look(admin)
    admin.fill("#label", "Ekspor malam dengan nama yang panjang sekali supaya baris tabelnya juga panjang")
    admin.select_option("#role", "finance")
    admin.click("form.card button.main")
    expect(admin.locator("#secret")).to_be_visible()
    look(admin)
    headers = {"Authorization": f"Bearer {admin.input_value('#secret')}"}
    assert requests.get(f"{url}/api/v1/desk/finance/books", headers=headers, timeout=10).status_code == 200
    admin.goto(f"{url}/desk/admin/tokens?lang={locale}")
    admin.click("summary")
    look(admin)
    admin.click("td details button")
    expect(admin.get_by_role("status")).to_be_visible()
    assert requests.get(f"{url}/api/v1/desk/finance/books", headers=headers, timeout=10).status_code == 401


def _trail(admin: Page, url: str, locale: str) -> None:
    admin.goto(f"{url}/desk/admin/audit?lang={locale}")
    expect(admin.locator(".chain")).to_contain_text("✓")
    look(admin)
    admin.fill("#action", "staff.roles_changed")
    admin.press("#action", "Enter")
    expect(admin.locator("tbody tr")).to_have_count(1)
    expect(admin.locator("tbody")).to_contain_text("moderator → finance")
    look(admin)
    with admin.expect_download() as download:
        admin.click("text=JSON Lines")
    assert download.value.suggested_filename == "audit.jsonl"


def _own_account(admin: Page, url: str, locale: str) -> None:
    admin.click(".rooms-bar .own")
    admin.wait_for_url("**/desk/account?**")
    look(admin)
    admin.fill("#current", PASSWORD)
    admin.fill("#password", CHOSEN)
    admin.fill("#again", "lain lagi sama sekali")
    admin.press("#again", "Enter")
    expect(admin.locator("#again-error")).to_be_visible()
    look(admin)
    admin.fill("#current", PASSWORD)
    admin.fill("#password", "jaga-gerbang-pagi-hari")
    admin.fill("#again", "jaga-gerbang-pagi-hari")
    admin.press("#again", "Enter")
    expect(admin.get_by_role("status")).to_be_visible()


def _shut_out(admin: Page, colleague: Page, url: str, locale: str) -> None:
    admin.goto(f"{url}/desk/admin/staff?lang={locale}")
    admin.click(f"text={NEW}")
    admin.click("form[action*='/deactivate'] button")
    expect(admin.locator("form[action*='/reactivate']")).to_be_visible()
    look(admin)
    colleague.goto(f"{url}/desk?lang={locale}")
    colleague.wait_for_url("**/desk/login?**")
