"""The scans of all doors, counted for those who watch the installation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ticketing.models import Scan
from trufan.lib import measures


def count(scans: Iterable[Scan]) -> None:
    """Scans that were written just now, counted once their transaction is committed."""
    for (result, reason), number in Counter((scan.result, scan.reason) for scan in scans).items():
        measures.add(measures.SCANS, str(result), str(reason), amount=number)
