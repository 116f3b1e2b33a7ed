"""Fill a fresh installation: staff to sign in with, the article, contributions."""

import json
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.articles import registry
from service.contributions.gift import Gift
from service.contributions.give import give
from service.contributions.model import Message
from service.contributions.states import MessageState
from service.db import transaction
from service.demo import article, texts
from service.errors import Refusal
from service.moderation.decide import Verdict, decide
from service.moderation.transitions import Moderator
from service.money import Money
from service.staff import accounts
from service.staff.permissions import ROLES
from service.wiring import Wiring

ACTOR = "demo"
_TIMEOUT = 20  # seconds for one call


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the demo; its password is kept beside the database to be shown again."""

    role: str
    email: str
    password: str


def seed_article(session: Session, wiring: Wiring) -> str:
    """Register the demo article; its key."""
    key = wiring.addresses.read(article.URL).key
    with transaction(session):
        registry.register(session, key, article.TITLE)
    return key


def seed_staff(session: Session, kept_in: Path) -> list[Login]:
    """One account for each role, with passwords made up once and kept in a private file."""
    known = json.loads(kept_in.read_text()) if kept_in.exists() else {}
    logins = []
    for role in ROLES:
        email = f"{role}@demo.example.com"
        password = known.setdefault(role, f"{secrets.token_urlsafe(9)}-demo")
        with transaction(session):
            if accounts.find(session, email) is None:
                accounts.add(session, email, password, [role], ACTOR)
        logins.append(Login(role, email, password))
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    kept_in.touch(mode=0o600)
    kept_in.write_text(json.dumps(known))
    return logins


def give_many(session: Session, wiring: Wiring, count: int, random: Random) -> Iterator[tuple[str, str]]:
    """Contribute through the same verb as page and API, and pay at the hosted page; yields
    each contribution's id and outcome.

    Raises ProcessorUnavailable or requests.RequestException when the sandbox is not running.
    """
    version = wiring.terms.version_in_force(clock.now())
    for _ in range(count):
        name = random.choice(texts.NAMES)
        gift = Gift(
            amount=Money.of_major(random.choice(texts.AMOUNTS), "IDR"),
            article_url=article.URL,
            article_title=article.TITLE,
            article_section=article.SECTION,
            locale="id",
            terms_version=version,
            terms_accepted=True,
            message=random.choice(texts.MESSAGES),
            display_name=name,
            anonymous=name is None,
        )
        given = give(session, gift, secrets.token_hex(16), wiring)
        outcome = random.choices(("pay", "decline", "cancel", "pending_pay"), (88, 4, 4, 4))[0]
        requests.post(
            given.answer["checkout_url"],
            data={"outcome": outcome, "method": random.choice(("qris", "qris", "gopay", "bank_transfer"))},
            allow_redirects=False,
            timeout=_TIMEOUT,
        ).raise_for_status()
        yield given.answer["id"], outcome


def moderate(session: Session, wiring: Wiring, own: Collection[str], random: Random) -> int:
    """Decide most of what these contributions brought, as moderators would; how many."""
    decided = 0
    waiting = select(Message.id, Message.revision, Message.text).where(
        Message.contribution_id.in_(own), Message.state == MessageState.PENDING
    )
    for message_id, revision, text in session.execute(waiting.order_by(Message.received_at)).all():
        if random.random() < 0.25:
            continue
        verdict = Verdict("publish", revision)
        if "promo" in text:
            verdict = Verdict("reject", revision, "advertising")
        with suppress(Refusal), transaction(session):  # somebody else was faster
            decide(session, message_id, verdict, Moderator(ACTOR, leads=True), wiring)
            decided += 1
    return decided
