"""Privacy requests: taken in, confirmed by a link where they name an address, carried out, recorded."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.config import LOCALES
from service.contributions import forgetting
from service.contributions.model import Contribution
from service.db import transaction
from service.errors import LinkEnded, NotDecidable, NotFound
from service.identifiers import read_reference
from service.mail import postman
from service.outbox.put import MAIL, put
from service.privacy import certificates, changes, link, proof, records, subjects
from service.privacy.aftermath import Aftermath, clear
from service.privacy.case import Case
from service.privacy.correct import correct
from service.privacy.kinds import (
    AWAITING,
    CORRECT,
    DONE,
    ERASE,
    EXPORT,
    LIFT,
    READER,
    RESTRICT,
    WITHDRAW,
    WITHIN,
)
from service.privacy.model import PrivacyRequest
from service.privacy.replay import LASTING
from service.staff import audit
from service.wiring import Wiring

LETTER = "privacy"  # of the outbox, before the id of a request


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: of one contribution by ``reference``, or of all that came with an
    ``email``. ``changes``: what a correction writes, ``display_name`` and ``email``."""

    kind: str
    proof: str
    reference: str | None = None
    email: str | None = None
    changes: Mapping[str, str | None] = field(default_factory=dict)


def receive(session: Session, asked: Asked, actor: str, wiring: Wiring) -> PrivacyRequest:
    """Take in a request. One by reference is carried out at once, one by e-mail once a link sent
    there is confirmed; nothing is sent where nothing came with that address.

    Raises NotFound for a reference of nobody's, ValidationFailed, PaymentDetailsRefused, and
    MailUnavailable where no mail can be sent.
    """
    changes.require(asked.kind, asked.changes, wiring)
    ids = _subjects(session, asked, wiring)
    proven = proof.require(asked.proof, {*subjects.names_of(session, ids), asked.email or ""})
    waits = asked.email is not None and bool(ids)
    if waits:
        postman.require(wiring.settings)
    with transaction(session):
        row = _store(session, asked, proven, ids, actor, wiring)
        after = None
        if waits:
            put(session, MAIL, f"{LETTER}:{row.id}")
        else:
            after = _carry_out(session, row, ids, actor, wiring)
        _note_taken_in(session, row, actor)
        if after is not None:
            _note_done(session, row, actor)
    if after is not None:
        clear(session, after, wiring)
    return records.get(session, row.id)


def _subjects(session: Session, asked: Asked, wiring: Wiring) -> list[str]:
    if asked.reference is not None:
        return [subjects.by_reference(session, asked.reference).id]
    return subjects.by_index(session, wiring.sealer.index(asked.email or ""))


def _store(
    session: Session, asked: Asked, proven: str, ids: Sequence[str], actor: str, wiring: Wiring
) -> PrivacyRequest:
    now, sealer = clock.now(), wiring.sealer
    row = PrivacyRequest(
        kind=asked.kind,
        state=AWAITING,
        locale=subjects.locale_of(session, ids) or LOCALES[0],
        proof=proven,
        asked_by=actor,
        received_at=now,
        deadline=now + WITHIN,
        contributions=[],
    )
    session.add(row)
    session.flush()
    if asked.reference is not None:
        row.reference = read_reference(asked.reference)
    else:
        row.email_sealed = sealer.seal(asked.email or "", row.id)
        row.email_index = sealer.index(asked.email or "")
    row.changes_sealed = changes.seal(asked.changes, row.id, sealer)
    return row


def confirm(session: Session, token: str, wiring: Wiring) -> PrivacyRequest:
    """The link was followed and its button pressed: carry the request out, once. Raises NotFound
    for a link that is none of ours, LinkEnded for one that was used or is too old."""
    request_id = link.read(token, wiring.settings.secret_key)
    with transaction(session):
        index = _awaiting(session, request_id).email_index or ""
        ids = forgetting.lock(session, subjects.by_index(session, index), Contribution.email_index == index)
        row = _awaiting(session, request_id, lock=True)
        row.confirmed_at = clock.now()
        after = _carry_out(session, row, ids, READER, wiring)
        _note_done(session, row, READER)
    clear(session, after, wiring)
    return records.get(session, request_id)


def awaiting(session: Session, token: str, wiring: Wiring) -> PrivacyRequest:
    """The request that a link would confirm. Raises NotFound and LinkEnded as `confirm` does."""
    return _awaiting(session, link.read(token, wiring.settings.secret_key))


def _awaiting(session: Session, request_id: str, *, lock: bool = False) -> PrivacyRequest:
    row = session.get(PrivacyRequest, request_id, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise NotFound
    if row.state != AWAITING or row.deadline <= clock.now() or row.email_index is None:
        raise LinkEnded
    return row


def _count(found: Case) -> Counter[str]:
    """A copy is made when it is fetched (`gather`); here only what it will be of."""
    return Counter(contributions=len(found.ids))


_ACTS: Mapping[str, Callable[[Case], Counter[str]]] = {**LASTING, CORRECT: correct, EXPORT: _count}


def _carry_out(
    session: Session, row: PrivacyRequest, ids: Sequence[str], actor: str, wiring: Wiring
) -> Aftermath:
    """Do what was asked for and write down what came of it, inside the caller's transaction. Rows
    are locked in one order everywhere, so that no two block each other for good: contributions
    first, then what belongs to them, and the audit trail last."""
    forgetting.lock(session, ids)
    removes = row.kind in (ERASE, WITHDRAW)
    addresses = _addresses(session, row, ids, wiring) if removes else frozenset[str]()
    asked_changes = changes.unseal(row.changes_sealed, row.id, wiring.sealer)
    counts = _ACTS[row.kind](Case(session, ids, actor, wiring, asked_changes)) if ids else Counter[str]()
    session.refresh(row)
    row.state, row.done_at, row.done_by = DONE, clock.now(), actor
    row.contributions, row.outcome = list(ids), {name: counts[name] for name in sorted(counts)}
    row.email_sealed = row.changes_sealed = None
    if removes or "email" in asked_changes:
        row.email_index = None
    if row.kind in LASTING and ids:
        row.certificate = certificates.issue(session, row.kind, ids, counts, actor, row.id).number
    session.flush()
    return Aftermath(addresses, lasting=row.certificate is not None)


def _addresses(session: Session, row: PrivacyRequest, ids: Sequence[str], wiring: Wiring) -> frozenset[str]:
    """Under which mails to the person may lie in the development folder."""
    asked = wiring.sealer.find(row.email_sealed, row.id)
    return frozenset(subjects.addresses_of(session, ids, wiring.sealer) | ({asked} if asked else set()))


def _note_taken_in(session: Session, row: PrivacyRequest, actor: str) -> None:
    details = {"kind": row.kind, "by": "reference" if row.reference else "email"}
    audit.record(session, actor, "privacy.requested", row.id, details)


def _note_done(session: Session, row: PrivacyRequest, actor: str) -> None:
    details = {"contributions": len(row.contributions), "certificate": row.certificate}
    audit.record(session, actor, f"privacy.{row.kind}", row.id, details)


def lift(session: Session, request_id: str, actor: str, wiring: Wiring) -> PrivacyRequest:
    """End the restriction that a request brought. What another request restricts stays so.
    Raises NotFound, and NotDecidable where there is none to end."""
    with transaction(session):
        forgetting.lock(session, records.get(session, request_id).contributions)
        row = session.get_one(PrivacyRequest, request_id, with_for_update=True, populate_existing=True)
        if row.kind != RESTRICT or row.state != DONE or row.lifted_at is not None:
            raise NotDecidable
        row.lifted_at, row.lifted_by = clock.now(), actor
        session.flush()
        ids = [id_ for id_ in row.contributions if id_ not in _still_restricted(session)]
        counts = LASTING[LIFT](Case(session, ids, actor, wiring))
        certificates.issue(session, LIFT, ids, counts, actor, row.id)
        audit.record(session, actor, "privacy.lifted", row.id, {"contributions": counts["contributions"]})
    clear(session, Aftermath(frozenset(), lasting=True), wiring)
    return records.get(session, request_id)


def _still_restricted(session: Session) -> set[str]:
    query = select(PrivacyRequest.contributions).where(
        PrivacyRequest.kind == RESTRICT, PrivacyRequest.state == DONE, PrivacyRequest.lifted_at.is_(None)
    )
    return {id_ for ids in session.scalars(query) for id_ in ids}
