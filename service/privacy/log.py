"""The log of what must be carried out again after a restore: a file outside of the database.

One certificate a line, nothing personal in it. The database is where certificates come from; the
file is brought up to it after each act and by a schedule, so that no crash leaves a gap for long.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from service.privacy import certificates


def bring_up(session: Session, path: Path) -> int:
    """Append the certificates that the file lacks; how many. Nothing is ever taken out."""
    every = certificates.every(session)
    if not every:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
        known = {json.loads(line)["number"] for line in file if line.strip()}
        lines = [_line(it) for it in map(certificates.describe, every) if it["number"] not in known]
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """The contents of certificates, in the order of the acts. ValueError for a line whose hash
    does not fit."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            told = json.loads(line)
            content = {name: value for name, value in told.items() if name != "sha256"}
            if certificates.digest(content) != told["sha256"]:
                raise ValueError(f"line {number} was changed")
            yield content


def _line(told: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in told.items() if name not in ("verified", "replayed_at")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) + "\n"
