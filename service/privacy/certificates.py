"""Certificates: what was withheld or removed, provable later without anything personal."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.errors import NotFound
from service.identifiers import new_reference
from service.privacy.model import Certificate

_NUMBER = r"PD-\w{4}-\w{4}"


def issue(
    session: Session,
    kind: str,
    ids: Sequence[str],
    removed: Mapping[str, int],
    by: str,
    request_id: str | None,
) -> Certificate:
    """A new certificate, inside the transaction of the act itself."""
    content = {
        "number": f"PD{new_reference().removeprefix('AS')}",
        "kind": kind,
        "at": rfc3339(clock.now()),
        "by": by,
        "request": request_id,
        "contributions": sorted(ids),
        "removed": {name: removed[name] for name in sorted(removed)},
    }
    return keep(session, content)


def keep(session: Session, content: Mapping[str, Any], replayed_at: datetime | None = None) -> Certificate:
    """Store a certificate's content, with the hash over it."""
    certificate = Certificate(
        number=content["number"],
        kind=content["kind"],
        at=datetime.fromisoformat(content["at"]),
        by=content["by"],
        request_id=content["request"],
        contributions=list(content["contributions"]),
        removed=dict(content["removed"]),
        sha256=digest(content),
        replayed_at=replayed_at,
    )
    session.add(certificate)
    session.flush()
    return certificate


def content_of(certificate: Certificate) -> dict[str, Any]:
    """What its hash is over."""
    return {
        "number": certificate.number,
        "kind": certificate.kind,
        "at": rfc3339(certificate.at),
        "by": certificate.by,
        "request": certificate.request_id,
        "contributions": certificate.contributions,
        "removed": certificate.removed,
    }


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def get(session: Session, number: str) -> Certificate:
    """One certificate. Raises NotFound, also for what is no number at all."""
    found = session.get(Certificate, number) if re.fullmatch(_NUMBER, number, re.ASCII) else None
    if found is None:
        raise NotFound
    return found


def describe(certificate: Certificate) -> dict[str, Any]:
    """A certificate for programs and for keeping."""
    return {
        **content_of(certificate),
        "sha256": certificate.sha256,
        "verified": digest(content_of(certificate)) == certificate.sha256,
        "replayed_at": rfc3339(certificate.replayed_at),
    }


def every(session: Session) -> Sequence[Certificate]:
    """All of them, oldest first."""
    return session.scalars(select(Certificate).order_by(Certificate.at, Certificate.number)).all()
