"""Whose data it is: contributions found by a reference, or by the keyed index of an address."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions import queries
from service.contributions.model import Contribution
from service.errors import NotFound
from service.identifiers import read_reference
from service.sealing import Sealer


def by_reference(session: Session, reference: str) -> Contribution:
    """The contribution of a reference, however it was typed. Raises NotFound."""
    found = queries.find_by_reference(session, read_reference(reference))
    if found is None:
        raise NotFound
    return found


def by_index(session: Session, email_index: str) -> list[str]:
    """The ids of every contribution that came with an address."""
    query = select(Contribution.id).where(Contribution.email_index == email_index)
    return list(session.scalars(query.order_by(Contribution.id)))


def locale_of(session: Session, ids: Sequence[str]) -> str | None:
    """The language in which somebody gave last."""
    query = select(Contribution.locale).where(Contribution.id.in_(ids))
    return session.scalar(query.order_by(Contribution.created_at.desc()).limit(1))


def addresses_of(session: Session, ids: Sequence[str], sealer: Sealer) -> set[str]:
    """The addresses that came with contributions, opened; one whose key is gone is left out."""
    rows = session.execute(
        select(Contribution.id, Contribution.email_sealed).where(
            Contribution.id.in_(ids), Contribution.email_sealed.is_not(None)
        )
    )
    opened = (sealer.find(sealed, id_) for id_, sealed in rows)
    return {address for address in opened if address}


def indexes_of(session: Session, ids: Sequence[str]) -> set[str]:
    """The index values under which contributions can be found."""
    query = select(Contribution.email_index).where(
        Contribution.id.in_(ids), Contribution.email_index.is_not(None)
    )
    return {index for index in session.scalars(query) if index}


def names_of(session: Session, ids: Sequence[str]) -> set[str]:
    """The names that stand on contributions."""
    query = select(Contribution.display_name).where(
        Contribution.id.in_(ids), Contribution.display_name.is_not(None)
    )
    return {name for name in session.scalars(query) if name}
