"""What verbs are handed: the few long-lived parts that the app is wired from."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from service import clock
from service.articles.address import AddressBook
from service.config import Settings
from service.environment import ConfigError
from service.finance.closing.allocation import PURPOSES
from service.processors.registry import Processors
from service.sealing import Sealer
from service.terms.library import Library


@dataclass(frozen=True, slots=True)
class Wiring:
    """Made once by create_app; verbs take it instead of reaching for the app."""

    settings: Settings
    terms: Library
    processors: Processors
    addresses: AddressBook
    sealer: Sealer

    @property
    def checkout_lifetime(self) -> timedelta:
        """How long a new attempt can be paid: as configured, if its processor allows that."""
        current = self.processors.current
        asked = timedelta(hours=self.settings.checkout_hours)
        return max(current.shortest_checkout, min(asked, current.longest_checkout))

    def return_url(self, contribution_id: str) -> str:
        """Where a hosted page sends the reader back to."""
        return f"{self.settings.public_url}/contributions/{contribution_id}"


def current_wiring() -> Wiring:
    """The wiring of the app that is running; for routes and commands, which hand it on."""
    wiring: Wiring = current_app.extensions["wiring"]
    return wiring


def wire(settings: Settings, terms: Library, processors: Processors) -> Wiring:
    """Put the parts together. Raises ConfigError for reasons that the terms do not have, and for
    terms that name other purposes than a closed month is allocated to (clause 2.1)."""
    for text in terms.texts():
        if set(text.limits.purposes) != set(PURPOSES):
            raise ConfigError(f"terms {text.version}: the purposes are not {', '.join(PURPOSES)}")
    reasons = terms.limits_in_force(clock.now()).reasons
    for reason in settings.second_eyes:
        if reason not in reasons:
            raise ConfigError(f"APRESIASI_SECOND_EYES: {reason!r} is no reason of the terms")
    for name, days in settings.retention_days.items():
        if days > terms.limits_in_force(clock.now()).retention_days.get(name, days):
            raise ConfigError(f"APRESIASI_RETENTION_{name.upper()}_DAYS: longer than the terms say")
    return Wiring(
        settings=settings,
        terms=terms,
        processors=processors,
        addresses=AddressBook(settings.article_hosts, settings.article_aliases, settings.section_patterns),
        sealer=Sealer(settings.encryption_keys, settings.secret_key.encode()),
    )
