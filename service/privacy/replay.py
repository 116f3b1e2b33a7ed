"""Carry out again, on a restored database, what was carried out after it was saved."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.contributions import forgetting
from service.db import transaction
from service.privacy import certificates, disk, log, restored
from service.privacy.case import Case
from service.privacy.erase import erase
from service.privacy.kinds import ERASE, LIFT, RESTRICT, WITHDRAW
from service.privacy.model import Certificate
from service.privacy.withhold import lift, restrict, withdraw
from service.staff import audit
from service.wiring import Wiring

LASTING: Mapping[str, Callable[[Case], Counter[str]]] = {
    ERASE: erase,
    WITHDRAW: withdraw,
    RESTRICT: restrict,
    LIFT: lift,
}


def replay(session: Session, path: Path, actor: str, wiring: Wiring) -> dict[str, int]:
    """Carry out every act of the log that this database does not know, in order, each in a
    transaction of its own; how many of each kind, and on how many contributions. ValueError for a
    line that was changed, before anything is done."""
    acts = list(log.read(path)) if path.exists() else []
    done, known = Counter[str](), 0
    for content in acts:
        with transaction(session):
            if session.get(Certificate, content["number"]) is None:
                done += _carry_out(session, content, actor, wiring)
            else:
                known += 1
    disk.scrub(session)
    return {"known": known, **done}


def _carry_out(session: Session, content: Mapping[str, Any], actor: str, wiring: Wiring) -> Counter[str]:
    forgetting.lock(session, content["contributions"])
    restored.bring_back(session, content)
    removed = LASTING[content["kind"]](Case(session, content["contributions"], actor, wiring))
    certificates.keep(session, content, replayed_at=clock.now().replace(microsecond=0))
    details = {"kind": content["kind"], "contributions": removed["contributions"]}
    audit.record(session, actor, "privacy.replayed", content["number"], details)
    return Counter({content["kind"]: 1, "contributions": removed["contributions"]})
