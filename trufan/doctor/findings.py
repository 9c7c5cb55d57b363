"""What a check says, and how all of them are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import structlog

log = structlog.get_logger("trufan.doctor")


class Severity(StrEnum):
    """`ERROR`: something does not work, or soon will not. `WARNING`: look at it this week. `OK`: looked at, and well.
    `NOTE`: could not or need not be looked at here."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice` says what to do, and is empty where there is nothing to do.

    Neither text holds a secret or personal data.
    """

    severity: Severity
    message: str
    advice: str = ""
    check: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


Check = Callable[[], Iterable[Finding]]


def ok(message: str) -> Finding:
    return Finding(Severity.OK, message)


def note(message: str, advice: str = "") -> Finding:
    return Finding(Severity.NOTE, message, advice)


def warning(message: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, message, advice)


def error(message: str, advice: str) -> Finding:
    return Finding(Severity.ERROR, message, advice)


def run(checks: Mapping[str, Check]) -> Iterator[Finding]:
    """Every finding of every check, in order. One that raises is an error itself, and the others still run."""
    for name, check in checks.items():
        try:
            found = list(check())
        except Exception as problem:
            log.warning("check not made", check=name, error=type(problem).__name__, exc_info=problem)
            found = [error(f"Could not be looked at: {type(problem).__name__}.", "Its log line has the whole error.")]
        yield from (Finding(each.severity, each.message, each.advice, name) for each in found)
