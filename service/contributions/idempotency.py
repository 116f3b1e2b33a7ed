"""One key, one contribution: replay the same, refuse the different, wait for the running.

A key is leased for 60 seconds, longer than every processor timeout together, so that a
crash frees it and a slow answer does not. Errors are not stored. Keys live 7 days.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import IdempotencyKey
from service.errors import IdempotencyConflict, InProgress
from service.identifiers import new_id

LEASE = timedelta(seconds=60)
_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hold:
    """A key that the caller works on; its contribution, if an earlier try stored one."""

    key_hash: str
    holder: str
    contribution_id: str | None


@dataclass(frozen=True, slots=True)
class Hashes:
    """The fingerprint of a body, and that of the same body whatever terms it accepts."""

    whole: str
    but_for_terms: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer that was given for this key before."""

    answer: Mapping[str, Any]


def fingerprint(secret: str, body: Mapping[str, Any]) -> str:
    """A keyed hash of a validated, normalised body."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(secret.encode(), canonical.encode(), "sha256").hexdigest()


def hash_key(key: str) -> str:
    """The form in which a client's key is kept."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def take(session: Session, key: str, hashes: Hashes) -> Hold | Replay:
    """Hold a key, inside a transaction. Two at once: the database lets one through.

    Raises IdempotencyConflict for another body, InProgress while somebody else holds it.
    """
    key_hash, holder, now = hash_key(key), new_id(), clock.now()
    fresh = {
        "key_hash": key_hash,
        "body_hash": hashes.whole,
        "holder": holder,
        "leased_until": now + LEASE,
        "created_at": now,
    }
    while not _insert_if_absent(session, fresh):
        row = session.scalar(
            select(IdempotencyKey).where(IdempotencyKey.key_hash == key_hash).with_for_update()
        )
        if row is not None and row.created_at >= now - _LIFETIME:
            return _take_known(row, hashes, holder)
        if row is not None:  # its seven days are over
            session.delete(row)
            session.flush()
    return Hold(key_hash, holder, None)


def _take_known(row: IdempotencyKey, hashes: Hashes, holder: str) -> Hold | Replay:
    now = clock.now()
    known = (hmac.compare_digest(row.body_hash, sent) for sent in (hashes.whole, hashes.but_for_terms))
    if not any(known):
        raise IdempotencyConflict
    if row.answer is not None:
        return Replay(row.answer)
    if row.leased_until is not None and row.leased_until > now:
        raise InProgress
    row.holder, row.leased_until = holder, now + LEASE
    return Hold(row.key_hash, holder, row.contribution_id)


def _insert_if_absent(session: Session, values: Mapping[str, Any]) -> bool:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(IdempotencyKey).values(**values).on_conflict_do_nothing()
    inserted = session.execute(statement.returning(IdempotencyKey.key_hash)).first()
    return inserted is not None


def bind(session: Session, hold: Hold, contribution_id: str) -> None:
    """Remember which contribution a key stands for, inside its transaction."""
    row = session.get_one(IdempotencyKey, hold.key_hash)
    row.contribution_id = contribution_id


def finish(session: Session, hold: Hold, hashes: Hashes, answer: Mapping[str, Any]) -> None:
    """Save the answer to this very body, unless the lease ran out and somebody else took over."""
    row = session.get(IdempotencyKey, hold.key_hash)
    if row is not None and row.holder == hold.holder:
        row.answer, row.holder, row.leased_until = dict(answer), None, None
        row.body_hash = hashes.whole


def await_terms(session: Session, hold: Hold, hashes: Hashes) -> None:
    """The terms were replaced before there was an answer: the same body may bring the new ones."""
    row = session.get(IdempotencyKey, hold.key_hash)
    if row is not None and row.holder == hold.holder:
        row.body_hash = hashes.but_for_terms


def release(session: Session, hold: Hold) -> None:
    """Free the key after a failure, so that the same request can go on at once."""
    row = session.get(IdempotencyKey, hold.key_hash)
    if row is not None and row.holder == hold.holder:
        row.holder, row.leased_until = None, None


def find_contribution(session: Session, key: str) -> str | None:
    """The contribution that a key stands for, or None."""
    return session.scalar(
        select(IdempotencyKey.contribution_id).where(IdempotencyKey.key_hash == hash_key(key))
    )


def purge(session: Session) -> int:
    """Forget keys older than 7 days, inside a transaction; how many there were."""
    over = delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - _LIFETIME)
    return len(session.execute(over.returning(IdempotencyKey.key_hash)).all())


def ended(session: Session) -> int:
    """How many keys are older than that."""
    return (
        session.scalar(select(func.count()).where(IdempotencyKey.created_at < clock.now() - _LIFETIME)) or 0
    )
