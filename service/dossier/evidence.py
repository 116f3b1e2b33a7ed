"""What answers a dispute: all that finance may see of a contribution, and what was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from service.contributions.model import Contribution
from service.dossier.by_role import told_to
from service.dossier.everything import everything
from service.errors import NotFound
from service.staff.permissions import FINANCE, of_roles
from service.terms import acceptances, proof
from service.terms.library import Library
from service.terms.texts import TermsText
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance with the published text that its hash names, None where there is none."""

    acceptance: Mapping[str, Any]
    text: TermsText | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The same facts make the same evidence: nothing in it depends on who makes it or when."""

    told: Mapping[str, Any]
    accepted: tuple[Accepted, ...]

    @property
    def payments(self) -> list[Mapping[str, Any]]:
        """The movement of each payment, with the processor's references."""
        return [it for it in self.told["movements"] if it["type"] == "contribution"]

    @property
    def filename(self) -> str:
        return f"evidence-{self.told['reference']}.html"


def gather(session: Session, contribution: Contribution, terms: Library) -> Evidence:
    """The evidence of one contribution, disputed or not; never an e-mail, never who decided."""
    told = told_to(of_roles([FINANCE]), everything(session, contribution))
    return Evidence(told, tuple(Accepted(it, _text_of(terms, it)) for it in told["acceptances"]))


def of_acceptances(session: Session, contribution: Contribution, wiring: Wiring) -> dict[str, Any]:
    """What the reader accepted, as a file that can be verified without this service."""
    found = acceptances.of_contribution(session, contribution.id)
    return proof.make(contribution.reference, contribution.id, found, wiring.terms, wiring.sealer)


def _text_of(terms: Library, acceptance: Mapping[str, Any]) -> TermsText | None:
    try:
        text = terms.get(acceptance["version"], acceptance["locale"])
    except NotFound:
        return None
    return text if text.sha256 == acceptance["sha256"] else None
