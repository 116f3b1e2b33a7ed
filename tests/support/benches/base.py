"""What a test can do to any processor, and what it can know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.processors import base
from tests.support.sandbox import Delivery
from tests.support.wire import InProcess


@dataclass(frozen=True)
class Took:
    """A payment that the processor took: for which attempt, and how much in minor units."""

    attempt_id: str
    payment_ref: str
    minor: int


class Bench:
    """What each processor can do to us. References are what the acts give back."""

    name: str
    processor: Any
    wire: InProcess
    finds_checkouts = True
    tells_refund_failures = True
    settles_by_file = False
    can_win_disputes = True
    same_key_other_amount_refused = True

    def deliveries(self) -> list[Delivery]:
        """All that was announced and not taken yet, in order."""
        return []

    def signed_again(self, delivery: Delivery) -> Delivery:
        """A delivery as it is sent now: each sending is signed at its own time."""
        return delivery

    def read(self, deliveries: Sequence[Delivery] | None = None) -> list[base.Happening]:
        """What deliveries tell, each said once, asking where the body does not tell."""
        told: list[base.Happening] = []
        for it in self.deliveries() if deliveries is None else deliveries:
            event = self.processor.read_event(it.headers, it.body)
            found = event.happenings
            if found is None:
                found = self.processor.complete(event.projection)
            told += [happening for happening in found if not said(happening, told)]
        return told

    def close(self) -> None:
        """Nothing is held open."""


def standing_of(paid: int, gone: int, disputed: bool) -> str:
    """What the contribution's status has to be after all that the processor knows."""
    if gone >= paid:
        return "reversed"
    return "disputed" if disputed else "paid"


def said(happening: base.Happening, told: Sequence[base.Happening]) -> bool:
    """Whether the same fact was told before: witnesses may differ in its second."""
    return any(type(it) is type(happening) and it.ref == happening.ref for it in told)
