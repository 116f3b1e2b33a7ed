"""Every processor with what a test does to it: payers, banks, faults, and the truth about money."""

from collections.abc import Mapping
from typing import Any

from tests.support.benches.base import Took, said
from tests.support.benches.midtrans import MidtransBench
from tests.support.benches.sandbox import SandboxBench
from tests.support.benches.stripe import STRIPE_SECRETS, StripeBench

__all__ = ["BENCHES", "STRIPE_SECRETS", "MidtransBench", "SandboxBench", "StripeBench", "Took", "said"]

BENCHES: Mapping[str, type[Any]] = {
    "sandbox": SandboxBench,
    "stripe": StripeBench,
    "midtrans": MidtransBench,
}
