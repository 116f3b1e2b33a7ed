"""Receipts: who is due one, what it states, and the signed address of the one to print.

Once for each contribution, when it becomes paid: the outbox's row is written with the settlement
and is unique, so no second payment, repeated event or sweep makes another. The address is opened
when the letter is written, and whoever took the consent back or restricted the data gets none.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from itsdangerous import Signer
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.articles.registry import find_title
from service.config import Settings
from service.contributions.model import Contribution, PaymentFact
from service.contributions.states import FactKind
from service.errors import NotFound
from service.money import Money
from service.outbox.put import MAIL, put
from service.plain_text import clean_line
from service.processors.registry import Processors
from service.terms.texts import Clause, TermsText
from service.wiring import Wiring

LETTER = "receipt"  # the occasion of the outbox's rows
# What a receipt must say that a contribution is, and is not.
STATED = ("1.2", "4.1", "4.2", "7.2")
_SALT = "receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt states, in one language; nothing personal. ``known_at`` is when the first
    payment became known, ``title`` the article's public one, ``terms`` what was accepted."""

    contribution_id: str
    locale: str
    reference: str
    amount: Money
    paid_at: datetime
    known_at: datetime
    article: str
    title: str | None
    processor: str
    terms: TermsText
    went_back: bool

    @property
    def statements(self) -> list[Clause]:
        """Clauses 1.2, 4.1, 4.2 and 7.2, as they were published."""
        return [self.terms.clause(id_) for id_ in STATED]


@dataclass(frozen=True, slots=True)
class Addressed:
    """A receipt and the e-mail address that it is sent to."""

    to: str
    receipt: Receipt


def put_letter(session: Session, contribution: Contribution) -> None:
    """The letter, if an address was given; inside the transaction that makes it paid."""
    if contribution.email_sealed is not None:
        put(session, MAIL, f"{LETTER}:{contribution.id}")


def addressed(session: Session, contribution_id: str, wiring: Wiring) -> Addressed | None:
    """The receipt to send, or None: nothing was paid or it went back, or the reader's data is
    erased, restricted, withdrawn, or sealed with a key that is gone (clause 5.1)."""
    contribution = session.get(Contribution, contribution_id, populate_existing=True)
    if contribution is None or not contribution.takes_part:
        return None
    to = wiring.sealer.find(contribution.email_sealed, contribution.id)
    if to is None:
        return None
    return Addressed(to, of(session, contribution, wiring, contribution.locale))


def of(session: Session, contribution: Contribution, wiring: Wiring, locale: str) -> Receipt:
    """What the receipt of a contribution states. Raises NotFound until it is paid."""
    first = session.execute(_FIRST_PAYMENT, {"contribution_id": contribution.id}).first()
    if first is None or contribution.paid_at is None:
        raise NotFound
    title = find_title(session, contribution.article_key)
    return Receipt(
        contribution_id=contribution.id,
        locale=locale,
        reference=contribution.reference,
        amount=contribution.amount,
        paid_at=contribution.paid_at,
        known_at=first.recorded_at,
        article=contribution.article_key,
        title=clean_line(title) if title else None,
        processor=_display_name(wiring.processors, first.processor),
        terms=wiring.terms.get(contribution.terms_version, locale),
        went_back=not contribution.keeps_payment,
    )


_FIRST_PAYMENT = (
    select(PaymentFact.processor, PaymentFact.recorded_at)
    .where(
        PaymentFact.contribution_id == bindparam("contribution_id"), PaymentFact.kind == FactKind.SUCCEEDED
    )
    .order_by(PaymentFact.occurred_at, PaymentFact.id)
    .limit(1)
)


def _display_name(processors: Processors, name: str) -> str:
    """What people call a processor, also one that is not set up any more."""
    try:
        return processors.get(name).display_name
    except NotFound:
        return name.capitalize()


def link(contribution: Contribution, settings: Settings) -> str | None:
    """The path of the receipt to print, or None until the contribution is paid. It is the same
    whenever it is made, so nothing is stored."""
    return path(contribution.id, settings) if contribution.paid_at is not None else None


def path(contribution_id: str, settings: Settings) -> str:
    """The signed path of a contribution's receipt."""
    key = _signer(settings).get_signature(contribution_id).decode()
    return f"/contributions/{contribution_id}/receipt?key={key}"


def require_key(contribution_id: str, key: str, settings: Settings) -> None:
    """Raises NotFound for a key that we did not sign for this contribution."""
    if not _signer(settings).verify_signature(contribution_id, key):
        raise NotFound


def _signer(settings: Settings) -> Signer:
    return Signer(settings.secret_key, salt=_SALT, digest_method=sha256)
