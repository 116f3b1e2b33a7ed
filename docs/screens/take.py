"""Take a picture of every state that a reader can meet, and of the desk's queue for the README.

`make screenshots` starts a service of its own and writes two of each state here: the narrowest
phone, light, in Indonesian, and a wide screen, dark, in English. With a folder as first argument
it writes every state there in three widths, both schemes and both languages, to be looked at.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.journeys.reader_states import STATES, Reader, State
from tests.journeys.stack import Stack

HERE = Path(__file__).parent
KEPT = [(320, "light", "id"), (1440, "dark", "en")]
EVERY = [
    (width, scheme, locale)
    for width in (320, 768, 1440)
    for scheme in ("light", "dark")
    for locale in ("id", "en")
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """Start a service, take the pictures, stop it."""
    folder, ways = (Path(sys.argv[1]), EVERY) if len(sys.argv) > 1 else (HERE, KEPT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        stack = Stack(Path(home), f"sqlite:///{home}/apresiasi.sqlite")
        stack.start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for state in STATES:
            take(browser, stack, state, ways, folder)
        if folder == HERE:
            queue(browser, stack)
        browser.close()
        stack.stop()


def take(
    browser: Browser, stack: Stack, state: State, ways: Iterable[tuple[int, str, str]], folder: Path
) -> None:
    """One state, reached anew for each way of looking at it."""
    for width, scheme, locale in ways:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]  # one of its words
            locale={"id": "id-ID", "en": "en-GB"}[locale],
        )
        reader = Reader(stack, context, locale)
        url = state.reach(reader)
        page = context.new_page()
        page.goto(url)
        if state.act is not None:
            state.act(page, reader)
        page.wait_for_load_state("networkidle")
        whole = "dialog" not in state.name  # a dialog covers what is in view
        page.screenshot(path=folder / f"{state.name}-{width}-{scheme}-{locale}.png", full_page=whole)
        context.close()


def queue(browser: Browser, stack: Stack) -> None:
    """The moderators' queue with believable messages."""
    stack.command("demo", "--contributions", "30")
    page = browser.new_page(viewport={"width": 1200, "height": 760})
    page.goto(f"{stack.url}/desk/login?lang=id")
    page.locator("#email").fill(stack.staff["moderator"]["email"])
    page.locator("#password").fill(stack.staff["moderator"]["password"])
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/desk")
    page.goto(f"{stack.url}/desk/moderation?lang=id")
    page.screenshot(path=HERE / "moderation.png")


if __name__ == "__main__":
    main()
