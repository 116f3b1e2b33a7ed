"""Forget in earlier requests whom they came from; that they were made, and what was done, stays."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Text, cast, false, or_, select, update
from sqlalchemy.orm import Session

from service.db import in_parts
from service.privacy import subjects
from service.privacy.kinds import AWAITING, EXPIRED
from service.privacy.model import PrivacyRequest

_NOTHING = {"email_index": None, "email_sealed": None, "changes_sealed": None}


def about(ids: Sequence[str]) -> ColumnElement[bool]:
    """Requests that were carried out on any of these contributions. An id of 32 random digits is
    found in the text of the list."""
    listed = cast(PrivacyRequest.contributions, Text)
    return or_(false(), *(listed.contains(id_) for id_ in ids))


def forget_requests(session: Session, ids: Sequence[str], indexes: Collection[str]) -> None:
    """Requests on these contributions, or of these addresses, cannot be told to be that person's
    any more. One that still awaits its confirmation has nothing left to be carried out on, and
    ends, unless other contributions of that address stay. Inside a transaction that has taken the
    addresses off the contributions already."""
    left = {index for index in indexes if subjects.by_index(session, index)}
    found = [row for part in in_parts(ids) for row in _lock(session, part, indexes)]
    ended = {id_ for id_, state, _ in found if state != AWAITING}
    over = {id_ for id_, state, index in found if state == AWAITING and index not in left}
    _write(session, ended, {})
    _write(session, over, {"state": EXPIRED})


def _lock(session: Session, ids: Sequence[str], indexes: Collection[str]) -> Sequence[tuple[str, str, str]]:
    """Id, state and address of those that lead to somebody, locked in their order."""
    own = PrivacyRequest.email_index.in_(indexes) | about(ids)
    query = select(PrivacyRequest.id, PrivacyRequest.state, PrivacyRequest.email_index)
    leading = query.where(PrivacyRequest.email_index.is_not(None), own)
    rows = session.execute(leading.order_by(PrivacyRequest.id).with_for_update())
    return [(id_, state, index or "") for id_, state, index in rows]


def _write(session: Session, ids: Collection[str], values: dict[str, str]) -> None:
    for part in in_parts(sorted(ids)):
        session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id.in_(part))
            .values(**_NOTHING, **values)
            .execution_options(synchronize_session=False)
        )
