"""Clause 5.2: a refused card number is in no table, log line, metric, answer or call to a processor."""

import io
import logging
import re
import secrets
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import structlog

from service import models
from service.web import logging as our_logging
from tests.contributions.refusals import ASKED
from tests.support.desk import ARTICLE, Desk, gift
from tests.support.forms import filled, hidden

pytestmark = pytest.mark.clause("5.2")
CARD = "4929671538042274"
SPELLINGS = [
    CARD, "4929 6715 3804 2274", "4929-6715-3804-2274", "4929.6715.3804.2274", " ".join(CARD), "\u200b".join(CARD), "4929\n6715\n3804\n2274",
    CARD.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
]  # fmt: skip
LONGEST_KEPT = 7  # digits in a row that a stamp or an id may share with it by chance


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """All that is logged, down to debugging, by us and by every library."""
    written = io.StringIO()
    our_logging.configure("DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    caplog.set_level(logging.DEBUG)
    for name in ("werkzeug", "flask", "urllib3", "marshmallow"):
        caplog.set_level(logging.DEBUG, name)
    yield written
    written.write(caplog.text)
    our_logging.configure("CRITICAL")


def dump(desk: Desk) -> str:
    """Every value of every table."""
    desk.session.rollback()
    rows = (row for table in models.metadata.sorted_tables for row in desk.session.execute(table.select()))
    return "\n".join(repr(tuple(row)) for row in rows)


def holds_part(text: str) -> bool:
    """Whether digits of the card stand in a row, whatever parts them."""
    plain = re.sub(
        r"[^0-9a-z]", "", text.casefold().translate({0xFF10 + digit: str(digit) for digit in range(10)})
    )
    parts = (CARD[at : at + LONGEST_KEPT + 1] for at in range(len(CARD) - LONGEST_KEPT))
    return any(part in plain for part in parts)


def sent_by_api(desk: Desk, number: str) -> list[str]:
    fields = [
        {"message": f"kartu {number} ya"}, {"display_name": number}, {"email": f"{number}@example.com"}, {"amount": number}, {"locale": number},
        {"article": {"url": ARTICLE, "title": number}}, {"article": {"url": ARTICLE, "section": number}}, {"currency": number},
        {"article": {"url": f"{ARTICLE}/{quote(number)}"}}, {"terms": {"version": number, "accepted": True}}, {"kartu": number}, {number: "x"},
    ]  # fmt: skip
    return [answer_of(desk.give(**changes), 422) for changes in fields]


def answer_of(response: object, status: int | None = None) -> str:
    assert status in (None, response.status_code), response.text  # type: ignore[attr-defined]
    return f"{response.headers}\n{response.text}"  # type: ignore[attr-defined]


def sent_by_page(desk: Desk, number: str) -> list[str]:
    fields = [
        {"message": f"kartu {number} ya"}, {"display_name": number}, {"email": f"{number}@example.com"}, {"amount": "other", "other_amount": number},
        {"title": number}, {"terms_version": number}, {"again": number}, {"website": number}, {"kartu": number},
    ]  # fmt: skip
    return [answer_of(desk.client.post("/contribute", data=filled(desk.client, **it)), 422) for it in fields]


def sent_elsewhere(desk: Desk, number: str) -> list[str]:
    id_, message = desk.given()["id"], desk.message_id(desk.published()["id"])
    page, desk_api = hidden(desk.client.get(f"/contributions/{id_}").text), "/api/v1/desk"
    decision = {"decision": "remove", "reason": "spam", "revision": 2, "note": number}
    switch = {"scope": "all", "open": False, "reason": number}
    return [
        answer_of(desk.client.post(f"/api/v1/contributions/{id_}/attempts", json={"note": number}), 422),
        answer_of(desk.client.post(f"/contributions/{id_}/pay", data=page | {"note": number}), 422),
        answer_of(desk.client.post(f"/api/v1/contributions/{id_}/refund", json={"reason": number}), 403),
        answer_of(desk.client.post(f"/api/v1/wall/{message}/reports", json={"reason": number}), 422),
        answer_of(desk.client.get(f"/api/v1/contributions/{quote(number)}"), 404),
        answer_of(desk.client.post(f"{desk_api}/moderation/messages/{message}/decision", json=decision, headers=desk.headers("moderator")), 422),
        answer_of(desk.client.put(f"{desk_api}/feature", json=switch, headers=desk.headers("editor")), 422),
        answer_of(desk.client.get("/api/v1/feature", headers={"User-Agent": number.encode("ascii", "ignore").decode().replace("\n", ""), "Referer": CARD}), 200),
    ]  # fmt: skip


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_trace_of_a_refused_card_number_is_left(desk: Desk, logged: io.StringIO) -> None:
    bodies: list[bytes | str] = []
    send = desk.bench.wire.send
    desk.bench.wire.send = lambda request, *rest, **more: (
        bodies.append(f"{request.url} {request.body!r}"),
        send(request, *rest, **more),
    )[1]
    for number in SPELLINGS:
        for sender in (sent_by_api, sent_by_page, sent_elsewhere):
            told = sender(desk, number)
            assert not any(holds_part(answer) for answer in told), (sender, number)
        assert not holds_part(dump(desk)), number
    desk.sweep()
    assert not holds_part(" ".join(map(str, bodies)))
    assert bodies
    assert not holds_part(desk.client.get("/metrics").text)
    assert '"endpoint": "pages.send_form"' in logged.getvalue()
    assert not holds_part(logged.getvalue())
    assert not holds_part(dump(desk))


def test_the_look_finds_what_is_planted(desk: Desk) -> None:
    """So that finding nothing means something."""
    desk.rewrite_message(desk.message_id(desk.given()["id"]), f"kartu {SPELLINGS[3]}")
    assert holds_part(dump(desk))
    assert all(holds_part(number) for number in SPELLINGS)
    assert not holds_part(str(gift()) + secrets.token_hex(2) + str(ASKED))
