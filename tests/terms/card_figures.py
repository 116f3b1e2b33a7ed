"""How the card filter does: ``python -m tests.terms.card_figures`` measures, ``--write`` renews the docs."""

import hashlib
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.config import ROOT
from service.terms import brands, digits, ordinary, payment_details
from service.terms.brands import BRANDS
from tests.terms import cards, long_ids, ordinary_texts

PAGE: Path = ROOT / "docs" / "card-filter.md"
SEEDS = range(20)
_MADE_OF = (brands, digits, ordinary, payment_details, cards, ordinary_texts, long_ids)


@dataclass
class Figures:
    """How many texts of each kind there were, and how many of them were refused."""

    texts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)
    by_run: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[str]:
        for kind, count in self.texts.items():
            share = 100 * self.refused[kind] / count
            yield f"| {kind} | {count:,} | {self.refused[kind]:,} | {share:.2f} % |"
        everything, refused = self.texts.total(), self.refused.total()
        yield f"| all | {everything:,} | {refused:,} | {100 * refused / everything:.2f} % |"


def measure(
    made: Callable[[int], Iterable[tuple[str, str]]], seeds: Iterable[int], filter_: Callable[[str], bool]
) -> Figures:
    """Put the texts of these seeds through the filter."""
    found = Figures()
    for seed in seeds:
        before = found.refused.total()
        for kind, text in made(seed):
            found.texts[kind] += 1
            if filter_(text):
                found.refused[kind] += 1
            else:
                found.passed.append(text)
        found.by_run.append(found.refused.total() - before)
    return found


def table(title: str, figures: Figures) -> str:
    return "\n".join([f"| {title} | texts | refused | share |", "|---|---:|---:|---:|", *figures.rows()])


def fingerprint() -> str:
    """Of all that the figures depend on."""
    sources = "".join(inspect.getsource(module) for module in _MADE_OF)
    return hashlib.sha256(sources.encode()).hexdigest()[:16]


def brands_table() -> str:
    rows = [
        f"| {brand.name} | `{brand.prefix.replace('|', ' ')}` | {', '.join(map(str, brand.lengths))} |"
        for brand in BRANDS
    ]
    return "\n".join(["| brand | begins with | digits |", "|---|---|---|", *rows])


def page(held: Figures, left_alone: Figures) -> str:
    runs = left_alone.by_run
    figures: Mapping[str, str] = {
        "brands": brands_table(),
        "cards": table("spelling", held),
        "ordinary": table("kind", left_alone),
        "mean": f"{sum(runs) / len(runs):.1f}",
        "worst": str(max(runs)),
        "runs": str(len(runs)),
        "fingerprint": fingerprint(),
    }
    text = (Path(__file__).with_name("card_filter.md.in")).read_text()
    for name, value in figures.items():
        text = text.replace(f"@{name}@", value)
    return text


def main(arguments: list[str]) -> int:
    held = measure(cards.texts, SEEDS, payment_details.holds_card_number)
    left_alone = measure(ordinary_texts.texts, SEEDS, payment_details.holds_card_number)
    print(table("spelling", held), table("kind", left_alone), sep="\n\n")  # noqa: T201  # a command prints
    print(f"ordinary, by run: {left_alone.by_run}; cards that passed: {held.passed}")  # noqa: T201
    if "--write" in arguments:
        PAGE.write_text(page(held, left_alone))
    return 1 if held.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
