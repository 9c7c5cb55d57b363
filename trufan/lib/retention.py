"""How long each kind of personal data is kept: one table, declared by the apps, kept true by the sweeps.

An app declares its kinds in `AppConfig.ready()`: what it is, why it is kept, for how long, how a batch of what is old
is forgotten, and how old the oldest kept is. `declare` registers the forgetting as a sweep of the same name, so that
there is one schedule. What must stay is declared too, with the reason, by `stays`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Min, QuerySet
from django.utils.translation import gettext, ngettext

from trufan.lib import sweeps

#: Rows of one run: a short transaction. The next sweep goes on.
BATCH = 1_000
#: Seconds between two looks at what ages by days, while nothing is left over.
HOURLY = 60 * 60
Oldest = Callable[[], datetime | None]


def nothing_waits() -> datetime | None:
    """Of kinds that are gone too soon for an oldest one to tell anything."""
    return None


@dataclass(frozen=True)
class Kind:
    """One kind of data. `setting` names the days that it is kept (0: for ever); without one `term` says it in words."""

    name: str
    what: str
    why: str
    forget: sweeps.Sweep
    oldest: Oldest = nothing_waits
    setting: str = ""
    term: str = ""
    fields: tuple[str, ...] = ()
    pace: int = 0

    @property
    def kept(self) -> str:
        """How long, in the reader's language."""
        if not self.setting:
            return str(self.term)
        days: int = getattr(settings, self.setting)
        if days <= 0:
            return gettext("for ever")
        return ngettext("{days} day", "{days} days", days).format(days=days)


@dataclass(frozen=True)
class Staying:
    """What is never forgotten by age, and why; `fields` are its personal ones, as `app.Model.field`."""

    name: str
    what: str
    why: str
    fields: tuple[str, ...]


_kinds: dict[str, Kind] = {}
_staying: dict[str, Staying] = {}


def declare(kind: Kind) -> None:
    """Add a kind and its sweep. Raises `ValueError` for a name that is taken and a term that nobody can read."""
    if bool(kind.setting) == bool(kind.term):
        raise ValueError(f"{kind.name}: say how long by a setting or in words")
    sweeps.register(kind.name, _paced(kind) if kind.pace else kind.forget)
    _kinds[kind.name] = kind


def stays(staying: Staying) -> None:
    """Add what must stay."""
    _staying[staying.name] = staying


def kinds() -> list[Kind]:
    """All that is forgotten by age, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def staying() -> list[Staying]:
    """All that is not, by name."""
    return sorted(_staying.values(), key=lambda each: each.name)


def before(setting: str, now: datetime) -> datetime | None:
    """What is older than this goes; None where the setting says to keep all."""
    days: int = getattr(settings, setting)
    return now - timedelta(days=days) if days > 0 else None


def batch(rows: QuerySet, most: int = BATCH) -> list:
    """The keys of so many of the rows, in the order in which they are given."""
    return list(rows.values_list("pk", flat=True)[:most])


def oldest_of(rows: Callable[[], QuerySet], moment: str) -> Oldest:
    """The earliest `moment` of the rows, asked when somebody wants to know."""

    def ask() -> datetime | None:
        found: datetime | None = rows().order_by().aggregate(oldest=Min(moment))["oldest"]
        return found

    return ask


def run_all(now: datetime) -> dict[str, int]:
    """Forget a batch of every kind now, whatever its pace; how many of each. The first failure propagates."""
    return {kind.name: kind.forget(now) for kind in kinds()}


def declared_fields() -> set[str]:
    """Every field that a kind or a reason to stay names."""
    declared: Iterable[Kind | Staying] = [*_kinds.values(), *_staying.values()]
    return {field for each in declared for field in each.fields}


def _paced(kind: Kind) -> sweeps.Sweep:
    """The same, at most once in `pace` seconds; at once again while a whole batch was found."""

    def run(now: datetime) -> int:
        key = f"retention:{kind.name}"
        if not cache.add(key, "looked", timeout=kind.pace):
            return 0
        forgotten = kind.forget(now)
        if forgotten >= BATCH:
            cache.delete(key)
        return forgotten

    return run
