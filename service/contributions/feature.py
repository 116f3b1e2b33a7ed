"""What a form needs to know: is it open, which limits, which words."""

from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.config import LOCALES
from service.controls import switches
from service.errors import N_
from service.wiring import Wiring

TITLE = N_("Apresiasi Spesial")
INVITATION = N_("Support the journalism of %(publisher)s with a one-time contribution.")


def describe(session: Session, wiring: Wiring, locale: str) -> dict[str, Any]:
    """The feature as it stands now; ``title`` and ``invitation`` are still to be translated."""
    setting = switches.current(session)
    text = wiring.terms.in_force(clock.now(), locale)
    limits = text.limits
    return {
        "open": setting.open,
        "public_reason": setting.public_reason,
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
