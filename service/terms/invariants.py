"""What must hold for the published texts while the service runs."""

from pathlib import Path

from service import clock
from service.environment import ConfigError
from service.terms.library import Library, load


def published_texts_never_change(terms: Library, folder: Path, publisher: str) -> list[str]:
    """The files, read again, are the texts that this process serves, with the hashes they were
    published with; and no version that is in effect by now waits for a restart."""
    try:
        on_disk = load(folder, publisher)
    except ConfigError as error:
        return [str(error)]
    served, stored = terms.texts(), on_disk.texts()
    changed = [text for text in served if text not in stored]
    missed = [text for text in stored if text not in served and text.effective_from <= clock.now()]
    return sorted({f"{text.version}/{text.locale}" for text in changed + missed})
