"""The log of what must be carried out again after a restore: a file outside of the database.

One certificate a line, nothing personal in it. The database is where certificates come from; the
file is brought up to it after each act and by a schedule, so that no crash leaves a gap for long.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from sqlalchemy.orm import Session

from service.privacy import certificates

log = structlog.get_logger()


def bring_up(session: Session, path: Path) -> int:
    """Append the certificates that the file lacks; how many. No whole line is ever taken out."""
    every = certificates.every(session)
    if not every:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
        known = {_number(line) for line in _mended(file)}
        lines = [_line(it) for it in map(certificates.describe, every) if it["number"] not in known]
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """The contents of certificates, in the order of the acts. A last line that a crash tore is
    passed over. ValueError for a line whose hash does not fit."""
    *lines, last = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _content(line, number)
    if _read(last) is not None:
        yield _content(last, len(lines) + 1)
    elif last:
        log.warning("erasure_log_torn", bytes=len(last))


def _mended(file: BinaryIO) -> list[bytes]:
    """The lines, after a last one that a crash or a full disk tore is whole again or cut off: where
    the database knows its certificate, it is written anew."""
    *lines, last = file.read().split(b"\n")
    if _read(last) is not None:
        file.write(b"\n")
        return [*lines, last]
    if last:
        log.warning("erasure_log_torn", bytes=len(last))
        file.truncate(file.tell() - len(last))
    return lines


def _content(line: bytes, number: int) -> Mapping[str, Any]:
    told = _read(line) or {}
    content = {name: value for name, value in told.items() if name != "sha256"}
    if certificates.digest(content) != told.get("sha256"):
        raise ValueError(f"line {number} was changed")
    return content


def _number(line: bytes) -> str | None:
    number = (_read(line) or {}).get("number")
    return number if isinstance(number, str) else None


def _read(line: bytes) -> dict[str, Any] | None:
    """A line as an object, or None where it is none."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _line(told: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in told.items() if name not in ("verified", "replayed_at")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) + "\n"
