"""Switches: capabilities that an operator turns on and off without a deployment.

A capability is declared in code, beside what obeys it, and read as `SIGN_UPS.is_on()` or `SIGN_UPS.require()`. What the
operator chose stands in rows (`flag_row.py`, written by `venues.flags.changing` alone). Reading takes no query: each
process remembers all rows for `REMEMBERED` seconds and then asks the cache. Only if that knows nothing, as when Redis
is gone, the database is asked. Where nobody can be asked, the declared default holds.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import DatabaseError

from trufan.lib.errors import Conflict, Missing
from trufan.lib.flag_row import FlagSetting as FlagSetting
from trufan.lib.words import lazy as _

log = structlog.get_logger("trufan.flags")
#: Seconds after which a change is known to every process; how often a process without Redis asks the database.
REMEMBERED = 2.0
#: Seconds after which the cache asks the database anew, should a change have missed it.
KEPT = 60
_KEY = "flags"
Mode = FlagSetting.Mode


class SwitchedOff(Conflict):
    """An operator switched the capability off, for everybody or for whom it was asked."""

    code, message = "switched_off", _("This is switched off at the moment.")


@dataclass(frozen=True)
class State:
    """What the operator chose for one flag. `venue_ids`: for whom, or for whom not (`Mode.EXCEPT`)."""

    mode: str
    percent: int = 0
    staff: bool = False
    venue_ids: frozenset[str] = frozenset()

    def is_on(self, name: str, default: bool, user: Any, venue_id: UUID | None) -> bool:
        if self.mode == Mode.DEFAULT:
            return default
        if self.mode in (Mode.ON, Mode.OFF):
            return self.mode == Mode.ON
        is_listed = venue_id is not None and str(venue_id) in self.venue_ids
        if self.mode == Mode.EXCEPT:
            return not is_listed
        return is_listed or self._is_for(name, user)

    def _is_for(self, name: str, user: Any) -> bool:
        if user is None or not user.is_authenticated:
            return False
        return _bucket(name, user.pk) < self.percent or (self.staff and user.is_staff)


@dataclass(frozen=True)
class Flag:
    """One capability. `knows`: what is known where it is asked, and so can be told apart: `user`, `venue`.

    `until` is the day from which the flag should be removed from the code; None: it stays, for bad nights.
    """

    name: str
    what: str
    default: bool = True
    knows: frozenset[str] = frozenset()
    until: date | None = None

    def is_on(self, *, user: Any = None, venue_id: UUID | None = None) -> bool:
        """Whether the capability is there for the user (None or anonymous: anybody) at the venue. Raises nothing."""
        state = _states().get(self.name)
        return self.default if state is None else state.is_on(self.name, self.default, user, venue_id)

    def require(self, *, user: Any = None, venue_id: UUID | None = None) -> None:
        """Raises `SwitchedOff` where it is not."""
        if not self.is_on(user=user, venue_id=venue_id):
            raise SwitchedOff(flag=self.name)


_declared: dict[str, Flag] = {}


def declare(flag: Flag) -> Flag:
    """Add a flag. Raises `ValueError` for a name that is taken."""
    if flag.name in _declared:
        raise ValueError(f"the flag {flag.name} is declared twice")
    _declared[flag.name] = flag
    return flag


def declared() -> list[Flag]:
    """Every flag of the loaded apps, by name."""
    return sorted(_declared.values(), key=lambda flag: flag.name)


def find(name: str) -> Flag:
    """The flag of this name. Raises `Missing`: what was not declared cannot be switched."""
    if name not in _declared:
        raise Missing
    return _declared[name]


def leftovers() -> list[FlagSetting]:
    """Rows of flags that no code declares any more."""
    return list(FlagSetting.objects.exclude(flag__in=_declared).order_by("flag"))


# -- What this process knows --


@dataclass
class _Memory:
    """`until`: on the monotonic clock. Threads may read anew at the same time, which does no harm."""

    until: float = 0.0
    states: Mapping[str, State] = field(default_factory=dict)


_memory = _Memory()


def publish() -> None:
    """Let every process know the rows as they are now; call it after the commit that changed them."""
    rows = _read()
    cache.set(_KEY, rows, KEPT)
    _remember(rows)


def reset() -> None:
    """Forget what this process knows; for tests."""
    _memory.until = 0.0


def _states() -> Mapping[str, State]:
    if time.monotonic() < _memory.until:
        return _memory.states
    rows = cache.get(_KEY)
    if rows is None:
        try:
            rows = _read()
        except DatabaseError as problem:
            log.warning("flags unread", error=type(problem).__name__)
            rows = []
        else:
            # `add`: what a change published meanwhile is newer than what was read here.
            cache.add(_KEY, rows, KEPT)
    return _remember(rows)


def _read() -> list[dict[str, Any]]:
    return [dict(row) for row in FlagSetting.objects.values("flag", "mode", "percent", "staff", "venue_ids")]


def _remember(rows: list[dict[str, Any]]) -> Mapping[str, State]:
    states = {
        row["flag"]: State(row["mode"], row["percent"], row["staff"], frozenset(row["venue_ids"])) for row in rows
    }
    _memory.states, _memory.until = states, time.monotonic() + REMEMBERED
    return states


def _bucket(name: str, user_id: Any) -> int:
    """0 to 99: steady for each user, and of its own for each flag. Who is among 10 % is among 20 % too."""
    return int(hashlib.sha256(f"{name}:{user_id}".encode()).hexdigest()[:8], 16) % 100
