"""``make simulate``: many histories on every core, from a random seed or a given one."""

import argparse
import os
import secrets
import sys

from tests.simulation.many import batch, run_many


def main() -> None:
    """Run them; print the seeds of broken ones and exit 1 if there are any."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--histories", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, help="Replay this one only, and tell it.")
    arguments.add_argument("--first", type=int, help="The first seed of many.")
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = arguments.parse_args()
    out = sys.stdout
    if asked.seed is not None:
        (told,) = batch((asked.seed, 1))
        out.write("\n".join([*told.log, str(told.broken or "nothing is broken")]) + "\n")
        sys.exit(bool(told.broken))
    first = secrets.randbelow(10**9) if asked.first is None else asked.first
    out.write(f"{asked.histories} histories from seed {first}, {asked.processes} processes\n")
    out.flush()
    lines = run_many(first, asked.histories, asked.processes)
    out.write("\n".join(lines) + "\n")
    sys.exit(len(lines) > 1)


if __name__ == "__main__":
    main()
