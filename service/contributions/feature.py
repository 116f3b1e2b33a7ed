"""What a form needs to know: is it open, which limits, which words."""

from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.articles.address import Address
from service.config import LOCALES
from service.controls import switches
from service.errors import CLOSED_BECAUSE, N_
from service.wiring import Wiring

TITLE = N_("Apresiasi Spesial")
INVITATION = N_("Support the journalism of %(publisher)s with a one-time contribution.")


def describe(session: Session, wiring: Wiring, locale: str, article: Address | None) -> dict[str, Any]:
    """The feature as it stands now for an article, or as a whole; ``title``, ``invitation`` and
    ``notice`` are still to be translated."""
    setting = switches.current(session, *((article.key, article.section) if article else (None, None)))
    text = wiring.terms.in_force(clock.now(), locale)
    limits = text.limits
    return {
        "open": setting.open,
        "public_reason": setting.public_reason,
        "notice": CLOSED_BECAUSE[setting.public_reason] if setting.public_reason else None,
        "walls": setting.walls,
        "widget": setting.widget,
        "title": TITLE,
        "invitation": INVITATION,
        "agreement": text.agreement,
        "processor_name": wiring.processors.current.display_name,
        "privacy_url": wiring.settings.privacy_url,
        "user_terms_url": wiring.settings.user_terms_url,
        "publisher": wiring.settings.publisher_name,
        "currency": limits.currency,
        "presets": [preset.json_text() for preset in limits.presets],
        "minimum": limits.minimum.json_text(),
        "maximum": limits.maximum.json_text(),
        "message_max_length": limits.message_graphemes,
        "name_max_length": limits.name_graphemes,
        "terms_version": text.version,
        "locales": list(LOCALES),
    }
