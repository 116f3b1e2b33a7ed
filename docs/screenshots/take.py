"""Take the README's screenshots of a running service: `make run`, then `make screenshots`.

Also walks every page at 320, 768 and 1440 px, light and dark, in both languages, into a
folder given as first argument, to be looked at.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

URL = f"http://{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
HERE = Path(__file__).parent
STAFF = json.loads((HERE.parent.parent / "instance" / "demo-staff.json").read_text())
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """README pictures, and with an argument all the others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        readme(browser)
        if len(sys.argv) > 1:
            everything(browser, Path(sys.argv[1]))
        browser.close()


def readme(browser: Browser) -> None:
    """The reader's form and thanks on a phone, the two desks on a wide screen."""
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    form(phone, "id")
    phone.screenshot(path=HERE / "form.png", full_page=True)
    phone.get_by_role("button", name="Kirim dan bayar").click()
    phone.get_by_role("button", name="Bayar", exact=True).click()
    phone.get_by_role("heading", name="Terima kasih", exact=True).wait_for()
    phone.screenshot(path=HERE / "thanks.png", full_page=True)
    desk = signed_in(browser, "moderator", {"width": 1200, "height": 760}, "light")
    desk.goto(f"{URL}/desk/moderation?lang=id")
    desk.screenshot(path=HERE / "moderation.png")


def form(page: Page, locale: str) -> None:
    """The form of the demo article, filled in."""
    page.goto(f"{URL}/demo/article?lang={locale}")
    page.locator("#apresiasi a.button").click()
    page.locator("input[name=amount][value='25000']").check()
    page.locator("#message").fill("Terima kasih, sehat selalu untuk redaksi 👨‍👩‍👧‍👦 ꦩꦠꦸꦂꦤꦸꦮꦸꦤ꧀")
    page.locator("#display_name").fill("Sri Wahyuni")


def signed_in(browser: Browser, role: str, size: dict[str, int], scheme: str) -> Page:
    """A page of a staff member of the demo."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(f"{URL}/desk/login?lang=id")
    page.locator("#email").fill(f"{role}@demo.example.com")
    page.locator("#password").fill(STAFF[role])
    page.get_by_role("button", name="Masuk", exact=True).click()
    return page


def everything(browser: Browser, folder: Path) -> None:
    """Every page in every size, scheme and language."""
    folder.mkdir(parents=True, exist_ok=True)
    for width in (320, 768, 1440):
        for scheme in ("light", "dark"):
            for locale in ("id", "en"):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                walk(page, locale, lambda name, page=page, at=f"{width}-{scheme}-{locale}": page.screenshot(
                    path=folder / f"{name}-{at}.png", full_page=True))  # fmt: skip
                page.close()
            for role, path in (("moderator", "moderation"), ("finance", "finance")):
                desk = signed_in(browser, role, {"width": width, "height": 900}, scheme)
                desk.goto(f"{URL}/desk/{path}?lang=id")
                desk.screenshot(path=folder / f"desk-{path}-{width}-{scheme}.png", full_page=True)
                desk.close()


def walk(page: Page, locale: str, shoot: object) -> None:
    """Each reader's page and each state of a contribution."""
    for name, path in (("about", "/"), ("article", "/demo/article"), ("terms", "/terms"), ("docs", "/api/v1/docs"),
                       ("login", "/desk/login"), ("missing", "/nothing")):  # fmt: skip
        page.goto(f"{URL}{path}?lang={locale}")
        shoot(name)  # type: ignore[operator]  # it is a function
    form(page, locale)
    shoot("form")  # type: ignore[operator]
    page.locator("input[name=amount][value='other']").check()
    page.locator("form button.main").click()
    shoot("form-error")  # type: ignore[operator]
    page.locator("#other_amount").fill("37.500")
    page.locator("form button.main").click()
    shoot("sandbox")  # type: ignore[operator]
    page.locator("button[value=cancel]").click()
    shoot("cancelled")  # type: ignore[operator]
    page.locator("form button.main").click()
    page.locator("button[value=decline]").click()
    shoot("failed")  # type: ignore[operator]
    page.locator("form button.main").click()
    page.locator("button[value=pending_pay]").click()
    shoot("processing")  # type: ignore[operator]
    page.locator("dl dt", has_text="Dibayar" if locale == "id" else "Paid").wait_for(timeout=15_000)
    shoot("thanks")  # type: ignore[operator]


if __name__ == "__main__":
    main()
