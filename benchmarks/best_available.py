"""How long it takes to find the best free seats of an arena of twenty thousand: empty, half sold, nearly full.

    python benchmarks/best_available.py [20000]

Prints for each state of the hall the milliseconds of one answer, the median and the slowest of fifty.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ticketing.seats.best_available import best_available
from ticketing.seats.tests.halls import arena

TIMES = 50


def main(count: int) -> None:
    """Make the hall, ask, and print what it took."""
    begun = time.perf_counter()
    hall = arena(count)
    _say(f"{len(hall):,} seats laid out in {(time.perf_counter() - begun) * 1000:.0f} ms")
    _say(f"{'state of the hall':<44}{'people':>7}{'median ms':>11}{'slowest':>9}")
    for state, sold in (("empty", 0.0), ("half sold, seat by seat", 0.5), ("99 of 100 sold", 0.99)):
        # Scattered evenly, the same in every run.
        mask = bytes(at * 7919 % 10_007 >= sold * 10_007 for at in range(len(hall)))
        for people in (1, 2, 4, 8):
            _report(state, people, lambda mask=mask, people=people: best_available(people, hall, mask))
    pairs = bytes(at % 3 != 2 for at in range(len(hall)))
    _report("only pairs left, so that nobody sits together", 8, lambda: best_available(8, hall, pairs))


def _report(state: str, people: int, ask: Callable[[], object]) -> None:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    _say(f"{state:<44}{people:>7}{statistics.median(took):>11.2f}{max(took):>9.2f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
