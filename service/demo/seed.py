"""Fill a fresh installation: staff to sign in with, the article, contributions."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests
from sqlalchemy.orm import Session

from service import clock
from service.articles import registry
from service.contributions.give import Gift, give
from service.db import transaction
from service.demo import article, texts
from service.errors import Refusal
from service.moderation import queries
from service.moderation.decide import Verdict, decide
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


def give_many(session: Session, wiring: Wiring, count: int, random: Random) -> Iterator[str]:
    """Contribute through the same verb as page and API, and pay at the hosted page; yields
    each outcome.

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
        yield outcome


def moderate(session: Session, wiring: Wiring, random: Random) -> int:
    """Decide most of what waits, as moderators would; how many were decided."""
    decided = 0
    items, _ = queries.queue(session, "pending", 100, None)
    for item in items:
        if random.random() < 0.25:
            continue
        verdict = Verdict("publish", item.revision)
        if "promo" in item.message:
            verdict = Verdict("reject", item.revision, "advertising")
        try:
            with transaction(session):
                decide(session, item.id, verdict, ACTOR, wiring)
            decided += 1
        except Refusal:
            continue  # somebody else was faster
    return decided
