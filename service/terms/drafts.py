"""Prepare a new version of the terms: begin a draft, check it, freeze it by its hashes.

A draft is a folder beside the published ones that ``published.toml`` does not name yet. Whatever
is wrong raises ConfigError with one line.
"""

import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from service.clock import JAKARTA
from service.config import LOCALES
from service.environment import ConfigError
from service.terms.library import Library, hashes_of, load
from service.terms.reading import PUBLISHED, read_version
from service.terms.texts import TermsText

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}", re.ASCII)


def require_free(terms: Library, version: str) -> None:
    """Refuses a name that is none, and a version that is published already."""
    if not _VERSION.fullmatch(version):
        raise ConfigError(f"terms {version}: a version is named by letters, digits, dots and dashes")
    if version in terms.versions():
        raise ConfigError(f"terms {version}: published already, and a published text never changes")


def require_later(terms: Library, version: str, effective_from: datetime, at: datetime) -> None:
    """A version takes effect in the future, after every other."""
    newest = terms.versions()[-1]
    if effective_from <= at:
        raise ConfigError(f"terms {version}: {_told(effective_from)} is not in the future")
    if effective_from <= terms.get(newest, LOCALES[0]).effective_from:
        raise ConfigError(f"terms {version}: {_told(effective_from)} is not after {newest} takes effect")


def begin(folder: Path, terms: Library, version: str, effective_from: datetime, publisher: str) -> Path:
    """Copy the newest version to a folder of its own, with the new version, date and name in it."""
    newest = terms.versions()[-1]
    draft = folder / version
    try:
        draft.mkdir()
        for locale in LOCALES:
            text = (folder / newest / f"{locale}.md").read_text("utf-8")
            old = terms.get(newest, locale).publisher
            (draft / f"{locale}.md").write_text(
                _renewed(text.replace(old, publisher), version, effective_from), "utf-8"
            )
    except OSError as error:
        raise ConfigError(f"terms {version}: the draft cannot be written ({error})") from error
    return draft


def _renewed(text: str, version: str, effective_from: datetime) -> str:
    begins = effective_from.astimezone(JAKARTA).isoformat()
    for name, value in {"version": f'"{version}"', "effective_from": begins}.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, count=1, flags=re.MULTILINE)
    return text


def read_draft(folder: Path, terms: Library, version: str, publisher: str, at: datetime) -> list[TermsText]:
    """A draft that could be published as it is, in every language."""
    require_free(terms, version)
    texts = read_version(folder, version)
    for text in texts:
        if text.publisher != publisher:
            raise ConfigError(f"terms {version}: written for {text.publisher}, not for {publisher}")
    require_later(terms, version, texts[0].effective_from, at)
    return texts


def freeze(folder: Path, texts: Sequence[TermsText], publisher: str) -> None:
    """Add the hashes of a draft to ``published.toml``, whole or not at all.

    ``publisher`` is that of the version in force. All texts are read again afterwards, and the old
    file comes back where that fails: a publication never stops the next start.
    """
    hashes = {name: found for text in texts for name, found in hashes_of(text).items()}
    lines = [f'["{texts[0].version}"]', *(f'{name} = "{hashes[name]}"' for name in sorted(hashes))]
    path = folder / PUBLISHED
    before = path.read_text("utf-8")
    _write(path, before.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n")
    try:
        load(folder, publisher)
    except ConfigError:
        _write(path, before)
        raise


def _write(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    try:
        beside.write_text(text, "utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise ConfigError(f"terms: {path.name} cannot be written ({error})") from error


def _told(moment: datetime) -> str:
    return moment.astimezone(JAKARTA).isoformat(timespec="minutes")
