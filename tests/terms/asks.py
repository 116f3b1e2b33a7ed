"""Whatever anybody may ask of the service: every route, command and event, with asks in every place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from werkzeug.routing import Rule

from service.web.security import new_form_token
from tests.support.desk import ARTICLE, VERSION, Desk, gift

PLANTED = "pesan-yang-belum-dibaca"
NOBODY = ""
WITHOUT_MODERATORS = (NOBODY, NOBODY, "finance", "editor", "admin", "auditor")

RECURRENCE: tuple[Mapping[str, Any], ...] = (
    {"recurring": True}, {"interval": "month"}, {"frequency": 12}, {"subscription": {"plan": "monthly"}}, {"mode": "subscription"},
    {"setup_future_usage": "off_session"}, {"save_card": True}, {"price": {"recurring": {"interval": "month"}}}, {"billing_cycle_anchor": 1},
)  # fmt: skip
REFUND: tuple[Mapping[str, Any], ...] = (
    {"refund": True}, {"reverse": True}, {"status": "reversed"}, {"type": "refund"}, {"amount": "-25000"}, {"kind": "refund_external"},
)  # fmt: skip
PUBLICATION: tuple[Mapping[str, Any], ...] = (
    {"message_state": "published"}, {"state": "published"}, {"published": True}, {"decision": "publish", "revision": 1}, {"paid_at": "2026-01-01"},
    {"items": [{"decision": "publish", "revision": 1}]}, {"hide_name": False, "decision": "publish"}, {"moderated_by": "admin"},
)  # fmt: skip
ASKS = RECURRENCE + REFUND + PUBLICATION

# Bodies that a route would take but for what is asked for.
PROPER: Mapping[str, Mapping[str, Any]] = {
    "contributions.give_contribution": gift(message=PLANTED),
    "contributions.go_on_paying": {"terms": {"version": VERSION, "accepted": True}},
    "pages.send_form": {"amount": "25000", "message": PLANTED, "terms_version": VERSION, "article": ARTICLE},
    "moderation.decide_message": {"decision": "publish", "revision": 1},
    "moderation_acts.decide_message": {"decision": "publish", "revision": "1"},
    "moderation.claim": {"count": 5},
    "switch.turn_switch": {"scope": "section:nowhere", "open": True, "reason": "x"},
    "finance.reconcile_books": {"from": "2026-01-01", "to": "2026-12-31"},
    "exports.export_later": {"from": "2026-01-01", "to": "2026-12-31"},
}
COMMANDS = (
    ("sweep",), ("check",), ("reconcile",), ("retention",), ("moderation", "rescreen"), ("webhooks", "list"), ("feature", "show"), ("exceptions",),
    ("feature", "open"), ("webhooks", "replay", "1"), ("privacy", "restrict", "--proof", "x", "--reference", "x"), ("terms", "show"),
)  # fmt: skip
# Options that a command does not have; it must refuse them and do nothing.
OPTIONS = (
    (),
    (),
    ("--recurring",),
    ("--refund", "1"),
    ("--interval", "month"),
    ("--publish",),
    ("--state", "published"),
)
HAPPENINGS = ("pay", "pay slowly", "decline", "settle", "refund", "pay", "dispute", "pay", "pay out", "time")


PLACES = ("body", "form", "nested", "list", "query")


@dataclass(frozen=True)
class Call:
    """One request: to which route, by whom, with what asked for in which places."""

    rule: int
    method: int
    role: str
    asks: tuple[Mapping[str, Any], ...]
    place: str
    proper: bool


def calls(roles: tuple[str, ...]) -> st.SearchStrategy[Call]:
    return st.builds(
        Call,
        st.integers(0, 10_000),
        st.integers(0, 3),
        st.sampled_from(roles),
        st.lists(st.sampled_from(ASKS), max_size=3).map(tuple),
        st.sampled_from(PLACES),
        st.booleans(),
    )


commands = st.tuples(st.sampled_from(COMMANDS), st.sampled_from(OPTIONS)).map(lambda it: it[0] + it[1])
events = st.tuples(st.integers(0, 50), st.sampled_from(ASKS), st.integers(0, 30))


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def path_of(rule: Rule, ids: Mapping[str, str], processor: str) -> str:
    """The rule's address with ids that exist."""
    values: dict[str, Any] = {
        name: ids.get(name, 1 if type(converter).__name__ == "IntegerConverter" else "2026-10")
        for name, converter in rule._converters.items()  # the public way needs a request
    }
    values |= {"processor": processor} if "processor" in values else {}
    path = rule.rule
    for name, value in values.items():
        begin, _, rest = path.partition("<")
        assert name in rest.partition(">")[0]
        path = f"{begin}{value}{rest.partition('>')[2]}"
    return path


def send(desk: Desk, rule: Rule, call: Call, ids: Mapping[str, str]) -> Any:
    """Make a request; the response."""
    methods = methods_of(rule)
    asked: dict[str, Any] = {name: value for it in call.asks for name, value in it.items()}
    body = dict(PROPER.get(rule.endpoint, {})) if call.proper else {}
    headers = {"Idempotency-Key": f"{call.rule}-{call.method}"} | (
        desk.headers(call.role) if call.role else {}
    )
    sent: dict[str, Any] = {"json": body | asked}
    if call.place == "form":
        sent = {"data": {name: str(value) for name, value in (body | asked | form_token(desk)).items()}}
    elif call.place == "nested":
        sent = {
            "json": {
                name: value | asked if isinstance(value, dict) else value for name, value in body.items()
            }
            | {"extra": asked}
        }
    elif call.place == "list":
        sent = {"json": body | {"items": [body | asked | {"id": ids["message_id"]}]}}
    elif call.place == "query":
        sent = {
            "json": body,
            "query_string": {"article": ARTICLE} | {name: json.dumps(value) for name, value in asked.items()},
        }
    path = path_of(rule, ids, desk.bench.name)
    return desk.client.open(path, method=methods[call.method % len(methods)], headers=headers, **sent)


def form_token(desk: Desk) -> dict[str, str]:
    """A reader's form that was looked at."""
    with desk.app.test_request_context():
        return {"token": new_form_token()}
