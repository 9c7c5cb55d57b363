"""What clients were told: one line for each answer they may rely on."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any


class Journal:
    """Thread-safe; `counts` says how often each was told, `surprises` what no client should ever see."""

    def __init__(self, path: Path) -> None:
        self.path, self._file, self._lock = path, path.open("a"), threading.Lock()
        self.counts: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.surprises: list[str] = []

    def accepted(self, what: str, **facts: Any) -> None:
        with self._lock:
            self.counts[what] += 1
            self._file.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")
            self._file.flush()

    def answered(self, status: int) -> None:
        with self._lock:
            self.answers[status] += 1

    def surprised(self, text: str) -> None:
        with self._lock:
            self.surprises.append(text)
