"""Clause 5.2, measured: no card number passes in 10,000 texts, and ordinary messages do."""

import random
import re
import sys
from collections.abc import Callable

import pytest

from service.terms import brands, ordinary, payment_details
from service.terms.payment_details import holds_card_number
from tests.terms import card_figures, cards, ordinary_texts
from tests.terms.card_figures import PAGE, brands_table, fingerprint, measure, table

pytestmark = pytest.mark.clause("5.2")
AT_MOST = 10  # false refusals in 10,000
RUNS = 8  # ids collide by chance, so that one run says little about the next


def test_no_card_number_passes_in_10_000_texts() -> None:
    seed = random.SystemRandom().randrange(10**9)
    found = measure(cards.texts, [seed], holds_card_number)
    sys.stdout.write(f"seed {seed}\n{table('spelling', found)}")
    assert found.texts.total() == 10_000
    assert (seed, found.passed) == (seed, [])


def test_ordinary_messages_are_refused_at_most_10_times_in_10_000() -> None:
    first = random.SystemRandom().randrange(10**9)
    found = measure(ordinary_texts.texts, range(first, first + RUNS), holds_card_number)
    sys.stdout.write(f"seeds from {first}: {found.by_run}\n{table('kind', found)}")
    assert found.texts.total() == 10_000 * RUNS
    assert found.refused.total() <= AT_MOST * RUNS, (first, found.refused)
    ids = found.refused.pop("ids of 16 to 19 digits")
    assert found.refused.total() <= 5 * RUNS, (first, ids, found.refused)


def test_ids_are_at_most_2_percent_of_the_ordinary_messages() -> None:
    long_number = re.compile(r"(?<!\d)\d(?:[ -]?\d){15,18}(?!\d)")
    ids, _ = ordinary_texts.KINDS["ids of 16 to 19 digits"]
    assert ids <= sum(count for count, _ in ordinary_texts.KINDS.values()) * 0.02
    assert all(long_number.search(text) for kind, text in ordinary_texts.texts(1) if kind.startswith("ids"))


def test_the_page_about_the_filter_is_up_to_date() -> None:
    """Renewed by ``python -m tests.terms.card_figures --write``."""
    written = PAGE.read_text()
    assert fingerprint() in written
    assert brands_table() in written


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        pytest.param(ordinary, "_is_list", lambda *_: True, id="any list will do"),
        pytest.param(brands, "passes_luhn", lambda number: number[-1] != "7", id="a check digit is wrong"),
        pytest.param(
            payment_details, "_RUN", re.compile(r"[0-9]+(?:[ .-][0-9]+)*"), id="few marks part digits"
        ),
    ],
)
def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, fault: Callable[..., object]
) -> None:
    monkeypatch.setattr(module, name, fault)
    assert not all(holds_card_number(text) for _, text in cards.texts(1))


def test_without_lists_the_measure_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordinary, "stretches", lambda _: None)
    found = card_figures.measure(ordinary_texts.texts, [1], holds_card_number)
    assert found.refused.total() > AT_MOST * 2
