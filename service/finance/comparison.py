"""Compare two books row by row (pure): matched, missing on either side, different."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.money import Money

MISSING_HERE, MISSING_THERE, DIFFERENT = "missing_in_ledger", "missing_at_processor", "different"
Figures = tuple[str, int, int, int]  # currency, gross, fee, net in minor units


@dataclass(slots=True)
class Compared:
    """Both sides of a scope by balance row."""

    matched: int = 0
    differences: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    totals: dict[str, dict[str, list[int]]] = field(default_factory=dict)


def compare(here: Mapping[str, Figures], there: Mapping[str, Figures]) -> Compared:
    """Row by row (pure): matched, missing on either side, different; and control totals."""
    compared = Compared()
    totals: defaultdict[str, dict[str, list[int]]] = defaultdict(
        lambda: {"ledger": [0, 0, 0], "processor": [0, 0, 0]}
    )
    for side, figures in (("ledger", here), ("processor", there)):
        for currency, *amounts in figures.values():
            sums = totals[currency][side]
            sums[:] = [one + other for one, other in zip(sums, amounts, strict=True)]
    for ref in sorted(here.keys() | there.keys()):
        mine, theirs = here.get(ref), there.get(ref)
        if mine == theirs:
            compared.matched += 1
            continue
        kind = MISSING_HERE if mine is None else MISSING_THERE if theirs is None else DIFFERENT
        compared.differences.append((kind, ref, {"ledger": printed(mine), "processor": printed(theirs)}))
    compared.totals = dict(totals)
    return compared


def printed(figures: Figures | None) -> dict[str, str] | None:
    """Figures in major units, as JSON."""
    if figures is None:
        return None
    currency, *amounts = figures
    texts = (Money(amount, currency).export_text() for amount in amounts)
    return {"currency": currency, **dict(zip(("gross", "fee", "net"), texts, strict=True))}
