"""CPU time and memory of processes and all that they started, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ms(root: int) -> float:
    """CPU-milliseconds, in user and system mode, of a process, its living children and those it has waited for."""
    return sum(_own(pid) for pid in tree(root))


def tree(root: int) -> list[int]:
    """The process and all below it that live."""
    found = [root]
    for pid in found:
        try:
            # Of every thread: a child belongs to the thread that made it.
            for task in Path(f"/proc/{pid}/task").iterdir():
                found.extend(int(child) for child in (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked.
    return found


def memory_mb(pid: int) -> float:
    """Megabytes that are this process's own: what it shares with others is counted in parts (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no Pss of {pid}")


def load_average() -> float:
    """Of the last minute: how many processes wanted to run."""
    return os.getloadavg()[0]


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # It ended; its parent has its time.
    return sum(int(fields[index]) for index in (11, 12, 13, 14)) * _TICK
