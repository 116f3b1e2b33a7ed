"""Make the file of an export: read one snapshot, write, hash, and note how far it is."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from service import clock
from service.finance.exports import record, workbook
from service.finance.exports.beancount import as_beancount
from service.finance.exports.cells import records
from service.finance.exports.columns import COLUMNS
from service.finance.exports.read import csv_chunks, snapshot
from service.finance.exports.rows import SOURCES, StandingSource
from service.finance.exports.selection import Wanted
from service.finance.exports.summary_sheet import summary_of
from service.finance.exports.text import NOTATIONS
from service.finance.exports.totals import control_totals
from service.finance.model import Export
from service.identifiers import new_id

_READ = 256 * 1024  # bytes
_NOTED_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where files are made, and what the books do not know by themselves."""

    engine: Engine
    folder: Path
    standing: StandingSource
    publisher: str

    @property
    def title(self) -> str:
        """What the books are called."""
        return f"{self.publisher}: Apresiasi Spesial"

    def path(self, export_id: str) -> Path:
        """Where the finished file of an export lies."""
        return self.folder / export_id

    def part(self) -> Path:
        """Where a file may be written until it is finished."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder / f"{new_id()}.part"


@dataclass(slots=True)
class _Made:
    """What is known of a file so far."""

    digest: Any
    size: int = 0
    rows: int = 0
    noted: float = 0.0


def chunks(shop: Workshop, export_id: str, part: Path | None = None) -> Iterator[bytes]:
    """The bytes of an export as they are written to ``part``; nothing where another process
    makes it.

    Once these are exhausted the file and its record are complete. An error leaves the record
    as failed, and no file.
    """
    part = part or shop.part()
    with Session(shop.engine, expire_on_commit=False) as notes:
        holder = record.take(notes, export_id)
        if holder is None:
            return
        export = record.get(notes, export_id)
        notes.rollback()
        try:
            yield from _make(shop, notes, export, holder, part)
        except GeneratorExit:
            record.note(notes, export_id, holder, leased_until=clock.now())
            raise
        except Exception:
            record.note(notes, export_id, holder, state=record.FAILED)
            raise
        finally:
            part.unlink(missing_ok=True)


def _make(shop: Workshop, notes: Session, export: Export, holder: str, part: Path) -> Iterator[bytes]:
    wanted, made = Wanted.of_record(export.wanted), _Made(hashlib.sha256())
    with snapshot(shop.engine) as books:
        totals = control_totals(books, SOURCES[wanted.rows](books, wanted.selection, shop.standing))
        record.note(notes, export.id, holder, totals=totals)
        write = _workbook if wanted.format == "xlsx" else _text
        for chunk, rows in write(shop, books, wanted, totals, export.statement, part):
            made.digest.update(chunk)
            made.size, made.rows = made.size + len(chunk), made.rows + rows
            if monotonic() - made.noted > _NOTED_EVERY:
                record.note(notes, export.id, holder, done=made.rows)
                made.noted = monotonic()
            yield chunk
    part.chmod(0o600)
    part.replace(shop.path(export.id))
    record.note(
        notes,
        export.id,
        holder,
        state=record.FINISHED,
        done=totals["rows"],
        size=made.size,
        sha256=made.digest.hexdigest(),
        finished_at=clock.now(),
    )


def text_chunks(shop: Workshop, books: Session, wanted: Wanted) -> Iterator[tuple[bytes, int]]:
    """The bytes of a text format, with how many rows each chunk holds."""
    if wanted.format == "beancount":
        return as_beancount(books, wanted.selection, shop.standing, shop.title)
    row = SOURCES[wanted.rows](books, wanted.selection, shop.standing)
    return csv_chunks(books, COLUMNS[wanted.rows], row, NOTATIONS[wanted.dialect])


def _text(
    shop: Workshop, books: Session, wanted: Wanted, _totals: Any, _statement: str, part: Path
) -> Iterator[tuple[bytes, int]]:
    with part.open("wb", buffering=0) as file:
        for chunk, rows in text_chunks(shop, books, wanted):
            file.write(chunk)
            yield chunk, rows


def _workbook(
    shop: Workshop, books: Session, wanted: Wanted, totals: dict[str, Any], statement: str, part: Path
) -> Iterator[tuple[bytes, int]]:
    """A workbook is whole only at its end: until then there are rows, but no bytes."""
    columns = COLUMNS[wanted.rows]
    row = SOURCES[wanted.rows](books, wanted.selection, shop.standing)
    summary = summary_of(shop.title, wanted, totals, statement)
    workbook.write(part, columns, records(books, columns, row), totals["rows"], summary)
    with part.open("rb") as file:
        while chunk := file.read(_READ):
            yield chunk, 0
