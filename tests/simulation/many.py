"""Many histories, on every core."""

import gc
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from service.web import logging
from tests.simulation.history import Told, run
from tests.simulation.world import sqlite_stage
from tests.support.databases import Sqlite

_AT_ONCE = 50


def run_many(first: int, histories: int, processes: int) -> list[str]:
    """Lines that tell how it goes, and last how it went; broken histories with their seeds."""
    began, lines = time.monotonic(), []
    done = crashes = payments = 0
    batches = [
        (start, min(_AT_ONCE, first + histories - start))
        for start in range(first, first + histories, _AT_ONCE)
    ]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for told in chain.from_iterable(pool.map(batch, batches)):
            done, crashes, payments = done + 1, crashes + told.crashes, payments + told.payments
            if told.broken:
                lines.append(f"seed {told.seed} ({told.processor}): {told.broken}")
    took = time.monotonic() - began
    broken = len(lines)
    lines.append(f"{done} histories, {broken} broken, {crashes} crashes, {payments} payments, {took:.0f} s")
    return lines


def batch(which: tuple[int, int]) -> list[Told]:
    """Some histories in this process."""
    first, count = which
    logging.configure("CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        stage = sqlite_stage(Sqlite(Path(folder)).template)
        gc.collect()
        gc.disable()
        told = [run(seed, stage) for seed in range(first, first + count)]
        gc.enable()
        return told
