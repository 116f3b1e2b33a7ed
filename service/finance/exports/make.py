"""Make the file of an export: read one snapshot, write, hash, and note how far it is."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from arro3.core import RecordBatch
from sqlalchemy import Engine, Subquery
from sqlalchemy.orm import Session

from service import clock
from service.finance.exports import record, workbook
from service.finance.exports.beancount import as_beancount
from service.finance.exports.cells import batches
from service.finance.exports.columns import COLUMNS
from service.finance.exports.read import along_numbers, csv_chunks, snapshot
from service.finance.exports.rows import SOURCES, StandingSource
from service.finance.exports.selection import Wanted
from service.finance.exports.summary_sheet import summary_of
from service.finance.exports.text import NOTATIONS
from service.finance.exports.totals import Span, totals_and_span
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


class _Order(NamedTuple):
    """What is to be written, and what is known of its rows."""

    wanted: Wanted
    row: Subquery
    statement: str
    totals: dict[str, Any]
    span: Span


class MadeElsewhere(Exception):
    """Another process makes this file, or it is made already."""


def chunks(shop: Workshop, export_id: str, part: Path | None = None) -> Iterator[bytes]:
    """The bytes of an export as they are written to ``part``. Raises MadeElsewhere.

    Once these are exhausted the file and its record are complete. An error leaves the record
    as failed, and no file.
    """
    part = part or shop.part()
    with Session(shop.engine, expire_on_commit=False) as notes:
        holder = record.take(notes, export_id)
        if holder is None:
            raise MadeElsewhere
        export, made = record.get(notes, export_id), _Made(hashlib.sha256())
        notes.rollback()
        try:
            with _kept_lease(shop, export_id, holder, made):
                yield from _make(shop, export, made, part)
            record.note(notes, export_id, holder)  # nobody took over: this is the file
            part.chmod(0o600)
            part.replace(shop.path(export_id))
            record.note(notes, export_id, holder, **_finished(made))
        except GeneratorExit:
            record.note(notes, export_id, holder, leased_until=clock.now())
            raise
        except Exception:
            record.give_up(notes, export_id, holder)
            raise
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _kept_lease(shop: Workshop, export_id: str, holder: str, made: _Made) -> Iterator[None]:
    """Until the block ends, tell every second how far it is, and keep the lease."""
    over = Event()

    def keep() -> None:
        with Session(shop.engine) as session, suppress(record.LeaseLost):
            while not over.wait(_NOTED_EVERY):
                record.note(session, export_id, holder, done=made.rows)

    thread = Thread(target=keep, name=f"lease-{export_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _finished(made: _Made) -> dict[str, Any]:
    return {
        "state": record.FINISHED,
        "done": made.rows,
        "size": made.size,
        "sha256": made.digest.hexdigest(),
        "finished_at": clock.now(),
    }


def _make(shop: Workshop, export: Export, made: _Made, part: Path) -> Iterator[bytes]:
    wanted = Wanted.of_record(export.wanted)
    with snapshot(shop.engine) as books:
        row = SOURCES[wanted.rows](books, wanted.selection, shop.standing)
        order = _Order(wanted, row, export.statement, *totals_and_span(books, row))
        with Session(shop.engine) as notes:
            record.tell_totals(notes, export.id, order.totals)
        if wanted.format == "xlsx":
            written = _workbook(books, order, part, made)
        else:
            written = _text(shop, books, order, part, made)
        for chunk in written:
            made.digest.update(chunk)
            made.size += len(chunk)
            yield chunk


def text_chunks(shop: Workshop, books: Session, wanted: Wanted) -> Iterator[tuple[bytes, int]]:
    """The bytes of a text format, with how many rows each chunk holds."""
    if wanted.format == "beancount":
        return as_beancount(books, wanted.selection, shop.standing)
    row = SOURCES[wanted.rows](books, wanted.selection, shop.standing)
    return csv_chunks(books, COLUMNS[wanted.rows], row, NOTATIONS[wanted.dialect])


def _text(shop: Workshop, books: Session, order: _Order, part: Path, made: _Made) -> Iterator[bytes]:
    with part.open("wb", buffering=0) as file:
        for chunk, rows in text_chunks(shop, books, order.wanted):
            file.write(chunk)
            made.rows += rows
            yield chunk


def _workbook(books: Session, order: _Order, part: Path, made: _Made) -> Iterator[bytes]:
    """A workbook is whole only at its end: until then there are rows, but no bytes."""
    wanted, totals = order.wanted, order.totals
    columns = COLUMNS[wanted.rows]
    row = along_numbers(books, order.row, order.span) if wanted.rows == "movements" else order.row
    cells = _counted(batches(books, columns, row), made)
    workbook.write(part, columns, cells, totals["rows"], summary_of(wanted, totals, order.statement))
    with part.open("rb") as file:
        while chunk := file.read(_READ):
            yield chunk


def _counted(cells: Iterator[RecordBatch], made: _Made) -> Iterator[RecordBatch]:
    for batch in cells:
        made.rows += batch.num_rows
        yield batch
