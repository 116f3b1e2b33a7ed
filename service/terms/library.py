"""The published terms: every version, looked up by time and language, and frozen by hash."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from service import clock
from service.environment import ConfigError
from service.errors import NotFound
from service.terms.reading import read_published, read_version
from service.terms.texts import Limits, TermsText

LIMITS = "limits"  # the name under which a version's limits are frozen, beside its languages


class Library:
    """Every published version. Built once at the start and never changed."""

    def __init__(self, texts: Sequence[TermsText]) -> None:
        self._texts = {(text.version, text.locale): text for text in texts}
        self._by_time = sorted(
            {text.version: text.effective_from for text in texts}.items(), key=lambda item: item[1]
        )

    def version_in_force(self, at: datetime) -> str:
        """The newest version that is in effect at a moment. ConfigError when there is none."""
        versions = [version for version, effective in self._by_time if effective <= at]
        if not versions:
            raise ConfigError("terms: no version is in effect")
        return versions[-1]

    def version_at(self, at: datetime) -> str:
        """The same, for any moment: the first version for those before it."""
        return self.version_in_force(max(at, self._by_time[0][1]))

    def was_in_force(self, version: str, at: datetime) -> bool:
        """Whether a version was the one in force at a moment."""
        return version == next((name for name, effective in reversed(self._by_time) if effective <= at), None)

    def in_force(self, at: datetime, locale: str) -> TermsText:
        """The text in force at a moment, in one language."""
        return self._texts[self.version_in_force(at), locale]

    def limits_in_force(self, at: datetime) -> Limits:
        """What the version in force at a moment sets; the same in every language."""
        version = self.version_in_force(at)
        return next(text.limits for text in self._texts.values() if text.version == version)

    def upcoming(self, at: datetime) -> str | None:
        """The next version that is published and not in effect yet, or None."""
        return next((version for version, effective in self._by_time if effective > at), None)

    def get(self, version: str, locale: str) -> TermsText:
        """One published text. Raises NotFound for a version that was never published."""
        try:
            return self._texts[version, locale]
        except KeyError as error:
            raise NotFound from error

    def find(self, version: object, locale: object) -> TermsText | None:
        """One published text, or None."""
        return self._texts.get((str(version), str(locale)))

    def versions(self) -> list[str]:
        """All versions, oldest first."""
        return [version for version, _ in self._by_time]

    def before(self, version: str) -> str | None:
        """The version that one took the place of, or None for the first."""
        place = self.versions().index(version)
        return self.versions()[place - 1] if place else None

    def until(self, version: str) -> datetime | None:
        """When the next version takes its place, or None for the newest."""
        later = self._by_time[self.versions().index(version) + 1 :]
        return later[0][1] if later else None

    def texts(self) -> list[TermsText]:
        """Every published text."""
        return list(self._texts.values())

    def hashes(self) -> set[tuple[str, str, str]]:
        """(version, locale, sha256) of every published text."""
        return {(text.version, text.locale, text.sha256) for text in self._texts.values()}


def load(folder: Path, publisher: str) -> Library:
    """Read and check every published version under a folder; others there are drafts.

    Raises ConfigError with one line where a text is missing, lacks a clause or a language, or
    differs from its hash in ``published.toml``: a text that was published is frozen as rendered.
    The version in force must be this publisher's: another name needs another version.
    """
    texts = []
    for version, hashes in read_published(folder).items():
        for text in read_version(folder, version):
            _require_as_published(text, hashes)
            texts.append(text)
    library = Library(texts)
    _require_one_after_the_other(library)
    if texts:
        current = library.version_at(clock.now())
        _require_publisher([text for text in texts if text.version == current], publisher)
    return library


def hashes_of(text: TermsText) -> dict[str, str]:
    """What of a text is frozen, under its names in ``published.toml``."""
    return {
        text.locale: text.sha256,
        f"{text.locale}_frame": text.frame_sha256,
        LIMITS: text.limits_sha256,
    }


def _require_as_published(text: TermsText, hashes: Mapping[str, str]) -> None:
    where = f"terms {text.version}/{text.locale}"
    changed = {name for name, found in hashes_of(text).items() if hashes.get(name) != found}
    if text.locale in changed:
        raise ConfigError(f"{where}: the text differs from the hash it was published with")
    if LIMITS in changed:
        raise ConfigError(f"{where}: limits or dates differ from those it was published with")
    if changed:
        raise ConfigError(f"{where}: publisher or headings differ from those it was published with")


def _require_one_after_the_other(library: Library) -> None:
    moments = {text.effective_from for text in library.texts()}
    if len(moments) != len(library.versions()):
        raise ConfigError("terms: two versions take effect at the same moment")


def _require_publisher(texts: Sequence[TermsText], publisher: str) -> None:
    for text in texts:
        if text.publisher != publisher:
            where = f"terms {text.version}/{text.locale}"
            raise ConfigError(f"{where}: published for {text.publisher}, not for {publisher}")
