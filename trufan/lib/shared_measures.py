"""The directory in which the processes of one server count together (`PROMETHEUS_MULTIPROC_DIR`).

Each process has files of its own there. Those of a process that ended are folded into one, so that a scrape reads no
more files than there are processes, however many came and went; what they counted stays.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import multiprocess
from prometheus_client.mmap_dict import MmapedDict

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_ADDED_UP = ("counter", "histogram")
#: Where what the ended ones counted is kept; the name stands for no process.
_ENDED = "ended"


def directory() -> Path | None:
    """Where the processes count together; None where each counts for itself."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def prepare() -> None:
    """Make the directory, without which nothing can be counted."""
    if folder := directory():
        folder.mkdir(parents=True, exist_ok=True)


def clear() -> None:
    """Forget what an earlier life of the server left; called by its first process, before it has others."""
    for path in folder.glob("*.db") if (folder := directory()) else ():
        if not path.stem.endswith(f"_{os.getpid()}"):
            path.unlink(missing_ok=True)


def ended(pid: int) -> None:
    """A process is no more: its gauges go, its counts stay. Called by the process that started it."""
    folder = directory()
    if folder is None:
        return
    multiprocess.mark_process_dead(pid, str(folder))
    for kind in _ADDED_UP:
        _fold(folder / f"{kind}_{pid}.db", folder / f"{kind}_{_ENDED}.db")


def _fold(path: Path, into: Path) -> None:
    """Add up aside and then swap, so that a scrape meanwhile sees the one or the other."""
    if not path.exists():
        return
    sums: dict[str, tuple[float, float]] = {}
    for source in (into, path):
        if source.exists():
            for key, value, stamp, _ in MmapedDict.read_all_values_from_file(str(source)):
                sums[key] = (sums.get(key, (0.0, 0.0))[0] + value, stamp)
    aside = into.with_suffix(".new")
    aside.unlink(missing_ok=True)
    kept = MmapedDict(str(aside))
    for key, (value, stamp) in sums.items():
        kept.write_value(key, value, stamp)
    kept.close()
    aside.replace(into)
    path.unlink(missing_ok=True)
