"""One order of locks everywhere, the contribution first and the audit trail last: nobody blocks another for good."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from service.contributions.model import MessageFlag
from tests.privacy.people import (
    API,
    EMAIL,
    asked,
    by_email,
    empty_mails,
    given,
    link_in,
    mails,
    published,
    send_mails,
)
from tests.support.desk import Desk
from tests.support.locks import holding, is_free, may_write_the_trail, until_somebody_waits

MODERATION = "/api/v1/desk/moderation"


def sent(pool: ThreadPoolExecutor, desk: Desk, path: str, body: Any = None, **how: str) -> Future[Any]:
    """A call that another thread makes."""
    headers = desk.headers(how.pop("role", "admin"))
    return pool.submit(
        desk.app.test_client().open, path, json=body, headers=headers, **{"method": "POST", **how}
    )


def test_a_confirmation_waits_for_the_contribution_first(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    answer = published(desk)
    empty_mails(desk)
    told = asked(desk, "erase", email=EMAIL)
    send_mails(desk)
    link = link_in(mails(desk)[0])
    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "contribution", answer["id"]) as other:
            done = pool.submit(desk.app.test_client().post, link)
            until_somebody_waits(other)
            assert is_free(other, "privacy_request", told["id"])
        assert done.result().status_code == 200
    assert desk.look(answer["id"])["message_state"] == "erased"


def test_two_confirmations_of_one_link_are_one(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    published(desk)
    empty_mails(desk)
    asked(desk, "erase", email=EMAIL)
    send_mails(desk)
    link = link_in(mails(desk)[0])
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: desk.app.test_client().post(link).status_code, range(2)))
    assert sorted(done) == [200, 410]


def test_the_end_of_a_restriction_waits_for_the_contribution_first(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    answer = published(desk)
    told = asked(desk, "restrict", reference=answer["reference"])
    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "contribution", answer["id"]) as other:
            done = sent(pool, desk, f"{API}/requests/{told['id']}/lift")
            until_somebody_waits(other)
            assert is_free(other, "privacy_request", told["id"])
        assert done.result().status_code == 200
    assert desk.broken() == []


def test_two_restrictions_that_end_at_once_leave_none(postgresql_desk: Desk) -> None:
    """Neither goes by the other's that was about to end."""
    desk = postgresql_desk
    answer = published(desk)
    both = [asked(desk, "restrict", reference=answer["reference"])["id"] for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        with holding(desk, "contribution", answer["id"]) as other:
            done = [sent(pool, desk, f"{API}/requests/{id_}/lift") for id_ in both]
            until_somebody_waits(other)
        assert [it.result().status_code for it in done] == [200, 200]
    assert len(desk.wall("https://kompas.com/kemensos/read/1")) == 1


def test_a_flag_that_is_dismissed_waits_for_the_contribution_first(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    answer = given(desk)
    id_ = desk.message_id(answer["id"])
    kind = desk.session.scalars(select(MessageFlag.kind).where(MessageFlag.message_id == id_)).first()
    path = f"{MODERATION}/messages/{id_}/flags/{kind}"
    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "contribution", answer["id"]) as other:
            done = sent(pool, desk, path, role="moderator", method="DELETE")
            until_somebody_waits(other)
            assert is_free(other, "message", id_)
        assert done.result().status_code in (200, 204), done.result().text


@pytest.mark.parametrize("kind", ["erase", "withdraw", "correct"])
def test_the_audit_trail_is_written_last(postgresql_desk: Desk, kind: str) -> None:
    """While an act waits for a row everybody else can go on writing the trail."""
    desk = postgresql_desk
    answer = published(desk)
    earlier = by_email(desk, "export")
    changes = {"display_name": "Melati", "new_email": "melati@contoh.example"} if kind == "correct" else {}
    body = {"kind": kind, "proof": "dipanggil kembali", "reference": answer["reference"], **changes}
    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "privacy_request", earlier["id"]) as other:
            done = sent(pool, desk, f"{API}/requests", body)
            until_somebody_waits(other)
            assert may_write_the_trail(other)
        assert done.result().status_code == 201, done.result().text
    assert desk.broken() == []


def test_the_audit_trail_is_written_after_the_message_too(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    answer = published(desk)
    body = {"kind": "erase", "proof": "dipanggil kembali", "reference": answer["reference"]}
    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "message", desk.message_id(answer["id"])) as other:
            done = sent(pool, desk, f"{API}/requests", body)
            until_somebody_waits(other)
            assert may_write_the_trail(other)
        assert done.result().status_code == 201
