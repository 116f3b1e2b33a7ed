"""The kill switch (clause 4.3): read at every use, so that it takes effect at once."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service import clock
from service.controls.model import Switch
from service.errors import CLOSED_BECAUSE, FeatureClosed
from service.staff import audit

EVERYTHING = "all"
PUBLIC_REASONS = tuple(CLOSED_BECAUSE)


@dataclass(frozen=True, slots=True)
class Setting:
    """Whether new contributions are taken, and if not, the reason that readers see."""

    open: bool
    public_reason: str | None


def current(session: Session) -> Setting:
    """The setting in force for everything."""
    switch = session.get(Switch, EVERYTHING, populate_existing=True)
    if switch is None or switch.open:
        return Setting(True, None)
    return Setting(False, switch.public_reason)


def require_open(session: Session) -> None:
    """Raises FeatureClosed while the switch is off."""
    setting = current(session)
    if not setting.open:
        raise FeatureClosed(setting.public_reason or PUBLIC_REASONS[0])


def turn(session: Session, open_: bool, public_reason: str, reason: str, actor: str) -> None:
    """Set the switch for everything. Call inside a transaction.

    ``reason`` is for the audit only. Raises ValueError for an unknown public reason.
    """
    if public_reason not in PUBLIC_REASONS:
        raise ValueError(f"the public reason is one of {', '.join(PUBLIC_REASONS)}")
    switch = session.get(Switch, EVERYTHING)
    if switch is None:
        switch = Switch(scope=EVERYTHING)
        session.add(switch)
    switch.open, switch.public_reason = open_, public_reason
    switch.changed_at, switch.changed_by = clock.now(), actor
    details = {"open": open_, "public_reason": public_reason, "reason": reason}
    audit.record(session, actor, "feature.opened" if open_ else "feature.closed", EVERYTHING, details)
