"""Other versions of the terms, made in a folder of the test's own."""

import dataclasses
import shutil
from datetime import datetime
from pathlib import Path

from service.clock import JAKARTA
from service.config import ROOT
from service.terms import drafts, library
from service.terms.library import Library
from service.terms.reading import read_version
from tests.support.desk import Desk

PUBLISHER = "KOMPAS.com"
# What the next version says otherwise: a word of two clauses, the smallest amount, a preset.
CHANGES = {
    "id": {"pesan singkat. Pesan tidak wajib": "pesan pendek. Pesan tidak wajib", "kapan saja": "sewaktu-waktu"},
    "en": {"one short message": "one brief message", "at any time": "whenever it wishes"},
}  # fmt: skip
LIMITS = {"[10000, 25000,": "[20000, 25000,", "minimum = 10000": "minimum = 20000"}


def terms_folder(tmp_path: Path) -> Path:
    """The published terms, copied."""
    return Path(shutil.copytree(ROOT / "terms", tmp_path / "terms"))


def draft(folder: Path, version: str, effective_from: datetime, limits: dict[str, str] = LIMITS) -> None:
    """Write the next version beside the others, unpublished."""
    terms = library.load(folder, PUBLISHER)
    made = drafts.begin(folder, terms, version, effective_from.astimezone(JAKARTA), PUBLISHER)
    for locale, changes in CHANGES.items():
        path = made / f"{locale}.md"
        text = path.read_text("utf-8")
        for old, new in {**changes, **limits}.items():
            text = text.replace(old, new)
        path.write_text(text, "utf-8")


def publish(folder: Path, version: str, effective_from: datetime, limits: dict[str, str] = LIMITS) -> Library:
    """Publish the next version; the library with all of them."""
    draft(folder, version, effective_from, limits)
    drafts.freeze(folder, read_version(folder, version), PUBLISHER)
    return library.load(folder, PUBLISHER)


def serve(desk: Desk, terms: Library, folder: Path) -> None:
    """Let the desk's service have these terms, as after a restart, until the test ends."""
    wiring = desk.wiring
    settings = dataclasses.replace(wiring.settings, terms_folder=folder)
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, terms=terms, settings=settings)
