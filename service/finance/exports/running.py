"""Make export files beside the requests that ask for them, and follow one while it grows.

A reader who goes away does not stop the making; a reader who is slow does not hold up the
database. The file is there to be resumed.
"""

from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore, Condition, Thread
from typing import BinaryIO

import structlog

from service.finance.exports import make
from service.finance.exports.make import Workshop

log = structlog.get_logger()

_READ = 256 * 1024  # bytes
_AT_ONCE = BoundedSemaphore(3)  # files that one process makes at a time


class ExportStopped(Exception):
    """The making of a file ended before the file did; whoever downloads it must notice."""


class Running:
    """One file that is being made in this process."""

    def __init__(self, shop: Workshop, export_id: str) -> None:
        self._shop, self._export_id, self._part = shop, export_id, shop.part()
        self._changed = Condition()
        self._written, self._over, self._failed = 0, False, False

    def start(self) -> bool:
        """Begin, and return at once; False where this process makes enough files already. The
        worker then makes this one a minute later."""
        if not _AT_ONCE.acquire(blocking=False):
            return False
        Thread(target=self._make, name=f"export-{self._export_id}", daemon=True).start()
        return True

    def _make(self) -> None:
        failed = True
        try:
            for chunk in make.chunks(self._shop, self._export_id, self._part):
                self._tell(len(chunk))
            failed = False
        except Exception as error:  # told to the follower; the record says what became of it
            log.error("export_failed", export=self._export_id, kind=type(error).__name__)
        finally:
            _AT_ONCE.release()
            with self._changed:
                self._over, self._failed = True, failed
                self._changed.notify_all()

    def _tell(self, size: int) -> None:
        with self._changed:
            self._written += size
            self._changed.notify_all()

    def follow(self) -> Iterator[bytes]:
        """The file from its beginning, as it grows. Raises ExportStopped where it ends early."""
        there, over = self._await(0)
        if not over or there:
            with self._open() as file:
                sent = 0
                while sent < there or not over:
                    while sent < there:
                        chunk = file.read(min(_READ, there - sent))
                        sent += len(chunk)
                        yield chunk
                    there, over = self._await(sent)

    def _await(self, sent: int) -> tuple[int, bool]:
        """How much is written, and whether that is all, once one of these is news."""
        with self._changed:
            self._changed.wait_for(lambda: self._written > sent or self._over)
            if self._over and self._failed:
                raise ExportStopped
            return self._written, self._over

    def _open(self) -> BinaryIO:
        finished: Path = self._shop.path(self._export_id)
        try:
            return self._part.open("rb")
        except FileNotFoundError:
            return finished.open("rb")
