"""The desk's tables as a test fills, watches and judges them: leases, decisions, histories."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, String, column, create_engine, func, insert, select, table, text
from sqlalchemy.orm import Session

from service import clock
from service.contributions.invariants import public_is_paid, queued_is_paid
from service.contributions.model import Contribution, Message
from service.db import UtcDateTime, engine_options, prepare_sqlite, transaction
from service.identifiers import new_id
from service.moderation.invariants import INVARIANTS
from service.moderation.model import Claim, Decision
from service.staff import audit, tokens
from tests.journeys.moderators import Told
from tests.support.desk import ARTICLE, VERSION

_MOMENT, _NAME = UtcDateTime(), String()
_LOG = table(
    "lease_log", column("id"), column("act", _NAME), column("message_id", _NAME),
    column("holder", _NAME), column("since", _MOMENT), column("until", _MOMENT),
    column("old_holder", _NAME), column("old_until", _MOMENT),
)  # fmt: skip
_OF_CLAIM = {
    "INSERT": "NEW.message_id, NEW.holder, NEW.claimed_at, NEW.until, NULL, NULL",
    "UPDATE": "NEW.message_id, NEW.holder, NEW.claimed_at, NEW.until, OLD.holder, OLD.until",
    "DELETE": "OLD.message_id, NULL, NULL, NULL, OLD.holder, OLD.until",
}
_OF_DECISION = "NEW.message_id, NEW.decided_by, NEW.decided_at, NULL, NULL, NULL"
_TRIGGERS = [("claim", act, act, values) for act, values in _OF_CLAIM.items()]
_TRIGGERS.append(("decision", "INSERT", "DECIDE", _OF_DECISION))


class Records:
    """The test's own way into the database of a service."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(**engine_options(url))
        self.on_postgresql = self.engine.dialect.name == "postgresql"
        if not self.on_postgresql:
            prepare_sqlite(self.engine)

    def fill(self, count: int, seed: int) -> None:
        """Paid contributions whose messages wait, some more urgent than others."""
        chance, now = random.Random(seed), clock.now()
        given, said = [], []
        for number in range(count):
            at = now - timedelta(seconds=chance.randrange(3 * 24 * 3600))
            given.append(_contribution(number, at))
            said.append(_message(given[-1]["id"], number, at, -chance.choice((0, 0, 0, 10, 30))))
        with self._session() as session, transaction(session):
            session.execute(insert(Contribution), given)
            session.execute(insert(Message), said)

    def hire(self, roles: Sequence[str]) -> list[tuple[str, str]]:
        """A token for each: the name of its caller, and its secret."""
        with self._session() as session, transaction(session):
            made = [tokens.issue(session, role, role, "test") for role in roles]
            return [(f"token:{token.id}", secret) for token, secret in made]

    def watch(self) -> None:
        """From now on the database itself writes down what happens to claims, and each decision."""
        moment, own_id = ("timestamptz", "bigserial") if self.on_postgresql else ("datetime", "integer")
        default = "clock_timestamp()" if self.on_postgresql else "CURRENT_TIMESTAMP"
        with self.engine.connect() as connection, connection.begin():
            connection.execute(
                text(
                    f"CREATE TABLE lease_log (id {own_id} PRIMARY KEY, at {moment} DEFAULT {default}, act text,"
                    f" message_id text, holder text, since {moment}, until {moment},"
                    f" old_holder text, old_until {moment})"
                )
            )
            for number, trigger in enumerate(_TRIGGERS):
                for statement in self._trigger(f"watch_{number}", *trigger):
                    connection.execute(text(statement))

    def _trigger(self, name: str, on: str, event: str, act: str, values: str) -> list[str]:
        columns = "act, message_id, holder, since, until, old_holder, old_until"
        line = f"INSERT INTO lease_log ({columns}) VALUES ('{act}', {values});"
        made = f"CREATE TRIGGER {name} AFTER {event} ON {on} FOR EACH ROW"
        if not self.on_postgresql:
            return [f"{made} BEGIN {line} END"]
        body = f"AS $$ BEGIN {line} RETURN NULL; END $$"
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {body}",
            f"{made} EXECUTE FUNCTION {name}()",
        ]

    def waiting(self) -> int:
        with self._session() as session:
            waiting = select(func.count()).select_from(Message).where(Message.queue == "pending")
            return session.scalar(waiting) or 0

    def log(self) -> list["Line"]:
        """What was written down, in the order in which it happened to each message."""
        fields = [_LOG.c[name] for name in Line._fields]
        with self.engine.connect() as connection:
            return [Line(*row) for row in connection.execute(select(*fields).order_by(_LOG.c.id))]

    def broken(self) -> list[str]:
        """What the history of every message, and the service's own invariants, find wrong."""
        with self._session() as session:
            made = session.scalars(select(Decision).order_by(Decision.revision))
            found = broken_histories(session.scalars(select(Message)), made)
            for check in (*INVARIANTS, public_is_paid, queued_is_paid):
                found += [f"{check.__name__}: {id_}" for id_ in check(session)]
            left = [f"left behind: {id_}" for id_ in session.scalars(select(Claim.message_id))]
            chain = audit.check_chain(session)
            return found + left + ([] if chain.intact else [f"audit trail: {chain.broken_at}"])

    def deadlocks(self) -> int:
        if not self.on_postgresql:
            return 0
        own = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        with self.engine.connect() as connection:
            return connection.scalar(text(own)) or 0

    def _session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)


def _contribution(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "reference": f"AS-{number:09}", "amount_minor": 2_500_000, "currency": "IDR",
        "article_key": ARTICLE, "article_section": "kemensos", "locale": "id", "terms_version": VERSION,
        "status": "paid", "created_at": at, "paid_at": at,
    }  # fmt: skip


def _message(contribution_id: str, number: int, at: datetime, rank: int) -> dict[str, Any]:
    return {
        "id": new_id(), "contribution_id": contribution_id, "text": f"Terima kasih, {number}!",
        "state": "pending", "queue": "pending", "received_at": at, "rank": rank, "section": "kemensos",
    }  # fmt: skip


class Line(NamedTuple):
    """What the database's own log says: a claim that came (INSERT), changed (UPDATE) or went
    (DELETE), or a decision (DECIDE, by ``holder`` at ``since``)."""

    act: str
    message_id: str
    holder: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    old_holder: str | None = None
    old_until: datetime | None = None


def with_leases(log: Iterable[Line]) -> Iterator[tuple[Line, Line | None]]:
    """Each line with the one that made the lease which stood before it, run out or not."""
    standing: dict[str, Line] = {}
    for line in log:
        yield line, standing.get(line.message_id)
        if line.act == "DELETE":
            standing.pop(line.message_id, None)
        elif line.act != "DECIDE":
            standing[line.message_id] = line


def broken_leases(log: Iterable[Line]) -> list[Line]:
    """Where somebody got or decided a message while another's lease ran, or the log has a gap."""
    broken = []
    for line, lease in with_leases(log):
        known = (lease.holder, lease.until) if lease else (None, None)
        gap = line.act != "DECIDE" and (line.old_holder, line.old_until) != known
        others = lease is not None and line.holder not in (None, lease.holder)
        if gap or (others and lease.until > line.since):
            broken.append(line)
    return broken


def told_twice(told: Iterable[Told]) -> list[tuple[Told, Told]]:
    """Leases that two programs were told of for the same time."""
    by_message = defaultdict(list)
    for lease in told:
        by_message[lease.message_id].append(lease)
    doubled = []
    for leases in by_message.values():
        first, *later = sorted(leases, key=lambda lease: lease.since)
        for second in later:
            if first.holder != second.holder and second.since < first.until:
                doubled.append((first, second))
            first = max(first, second, key=lambda lease: lease.until)
    return doubled


def broken_histories(messages: Iterable[Message], decisions: Iterable[Decision]) -> list[str]:
    """Messages without exactly one decision that counts, or with a history that does not fit."""
    by_message: dict[str, list[Decision]] = defaultdict(list)
    for made in decisions:
        by_message[made.message_id].append(made)
    return [message.id for message in messages if not _is_whole(message, by_message[message.id])]


def _is_whole(message: Message, made: list[Decision]) -> bool:
    by_revision = {decision.revision: decision for decision in made}
    undone = [decision.undoes for decision in made if decision.undoes is not None]
    counts = [
        decision
        for decision in made
        if decision.decision in ("publish", "reject")
        and decision.revision not in undone
        and decision.state_after != "pending"
    ]
    states = ["pending", *(decision.state_after for decision in made)]
    return (
        [decision.revision for decision in made] == list(range(2, message.revision + 1))
        and [decision.state_before for decision in made] == states[:-1]
        and len(undone) == len(set(undone)) == sum(decision.decision == "undo" for decision in made)
        and all(
            decision.undoes in by_revision
            and decision.undoes < decision.revision
            and decision.state_after == by_revision[decision.undoes].state_before
            for decision in made
            if decision.undoes is not None
        )
        and len(counts) == 1
        and message.state == counts[0].state_after == states[-1]
        and message.queue == message.state
    )
