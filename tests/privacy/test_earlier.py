"""Earlier requests of somebody who is forgotten lead to nobody any more."""

from typing import Any

import pytest
from sqlalchemy import select, update

from service.db import transaction
from service.privacy.model import PrivacyRequest
from tests.privacy.people import API, EMAIL, asked, by_email, given, published, record
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")
OTHER = "melati@contoh.example"


def leads_to_somebody(desk: Desk, request_id: str) -> bool:
    desk.session.rollback()
    row = desk.session.scalars(select(PrivacyRequest).where(PrivacyRequest.id == request_id)).one()
    return any((row.email_index, row.email_sealed, row.changes_sealed))


def act(desk: Desk, kind: str, answer: dict[str, Any]) -> dict[str, Any]:
    changes = {"new_email": OTHER} if kind == "correct" else {}
    return asked(desk, kind, reference=answer["reference"], **changes)


@pytest.mark.parametrize("kind", ["erase", "withdraw", "correct"])
def test_an_answered_request_of_the_old_address_leads_to_nobody(desk: Desk, kind: str) -> None:
    answer = published(desk)
    earlier = by_email(desk, "export")
    assert leads_to_somebody(desk, earlier["id"])
    act(desk, kind, answer)
    assert not leads_to_somebody(desk, earlier["id"])
    assert desk.broken() == []


@pytest.mark.parametrize("kind", ["erase", "withdraw", "correct"])
def test_one_that_waits_for_its_link_ends_where_nothing_of_that_address_stays(desk: Desk, kind: str) -> None:
    first, second = published(desk), given(desk)
    waits = asked(desk, "correct", email=EMAIL, display_name="Melati")
    act(desk, kind, first)
    assert record(desk, waits["id"])["state"] == "awaiting_confirmation"
    act(desk, kind, second)
    assert record(desk, waits["id"])["state"] == "expired"
    assert not leads_to_somebody(desk, waits["id"])


def test_a_correction_without_an_address_leaves_earlier_requests_alone(desk: Desk) -> None:
    answer = published(desk)
    earlier = by_email(desk, "export")
    asked(desk, "correct", reference=answer["reference"], display_name="Melati")
    assert leads_to_somebody(desk, earlier["id"])


@pytest.mark.parametrize("kind", ["erase", "withdraw"])
def test_requests_on_the_same_contributions_are_reached_whatever_address_they_came_with(
    desk: Desk, kind: str
) -> None:
    """As when the address went with the retention since."""
    answer, other = published(desk), published(desk, email=OTHER)
    earlier = by_email(desk, "export")
    others = asked(desk, "correct", email=OTHER, display_name="Melati")
    asked(desk, "correct", reference=answer["reference"], new_email=None)
    own = update(PrivacyRequest).where(PrivacyRequest.id == earlier["id"])
    with transaction(desk.session):
        desk.session.execute(own.values(email_index=desk.wiring.sealer.index(EMAIL)))
    act(desk, kind, answer)
    assert not leads_to_somebody(desk, earlier["id"])
    assert leads_to_somebody(desk, others["id"])
    assert other["reference"] != answer["reference"]


def test_a_copy_still_tells_of_them(desk: Desk) -> None:
    answer = published(desk)
    by_email(desk, "restrict")
    asked(desk, "correct", reference=answer["reference"], new_email=OTHER)
    told = asked(desk, "export", reference=answer["reference"])
    copy = desk.client.get(f"{API}/requests/{told['id']}/export", headers=desk.headers("admin")).get_json()
    assert [it["kind"] for it in copy["requests"]] == ["restrict", "correct", "export"]
