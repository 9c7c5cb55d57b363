"""Where a ticket stands, from all that was done with it at doors: a pure function of the set of these facts.

Scanners without a network send what they did late, in parts, more than once and in any order. So nothing is ever added
to where a ticket stands: it is folded anew from all its facts, in the order in which they happened, whichever order
they came in. The same facts give the same standing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from events.door_policy import day_of

IN, OUT = "in", "out"
#: What an entry may be refused for by what was before it. Values of `Scan.Reason`.
ALREADY_USED, NO_REENTRY = "already_used", "no_reentry"
#: Values of `Scan.Conflict`.
DOUBLE_ENTRY, REENTRY, EXIT_WITHOUT_ENTRY = "double_entry", "reentry_not_allowed", "exit_without_entry"
REVOKED, REVOKED_AFTER, OUTDATED_CODE = "revoked_ticket_admitted", "revoked_after_entry", "outdated_code_admitted"


@dataclass(frozen=True)
class Fact:
    """Somebody went in or out with the ticket, or (`undoes`) it was found that somebody had not.

    `at` by the scanner's clock, `received_at` by ours; `version` of the code that was read, None by hand. `key` is
    of our making and orders nothing: which came first is decided by what the scanners said, `(at, nonce, by)`.
    """

    key: object
    at: datetime
    nonce: str
    by: str
    received_at: datetime
    direction: str = IN
    gate: str = ""
    version: int | None = None
    is_offline: bool = False
    undoes: object | None = None


@dataclass(frozen=True)
class Terms:
    """What the facts are held against: the event's policy, the ticket's code, and since when it admits nobody."""

    reentry: bool
    once_per_day: bool
    zone: tzinfo
    code_version: int = 1
    void_since: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """`used_at` and `used_gate` are of the first entry; `entries` counts all of them, those in conflict too."""

    used_at: datetime | None = None
    used_gate: str = ""
    inside: bool = False
    entries: int = 0
    last_in_at: datetime | None = None
    last_out_at: datetime | None = None
    #: Fact key → what was wrong with it.
    conflicts: dict[object, str] = field(default_factory=dict)


def fold(facts: Iterable[Fact], terms: Terms) -> Standing:
    """Where the ticket stands after all the facts, given in any order.

    A code that is not the ticket's (any more) opens nothing: who was let in by one stands in the conflicts, and does
    not keep the holder out.
    """
    given = list(facts)
    undone = {fact.undoes for fact in given if fact.undoes is not None}
    standing, conflicts = Standing(), {}
    for fact in sorted(given, key=lambda fact: (fact.at, fact.nonce, fact.by)):
        if fact.undoes is not None or fact.key in undone:
            continue
        if fact.is_offline and fact.version not in (None, terms.code_version):
            conflicts[fact.key] = OUTDATED_CODE
            continue
        kind = _conflict(standing, fact, terms)
        if kind:
            conflicts[fact.key] = kind
        standing = _after(standing, fact)
    return replace(standing, conflicts=conflicts)


def why_not_in(inside: bool, entries: int, last_in_at: datetime | None, at: datetime, terms: Terms) -> str:
    """Why what was before keeps somebody from coming in at `at`; nothing when it does not."""
    if not entries or last_in_at is None:
        return ""
    if terms.once_per_day and day_of(at, terms.zone) != day_of(last_in_at, terms.zone):
        return ""
    if inside:
        return ALREADY_USED
    return "" if terms.reentry else NO_REENTRY


def _conflict(before: Standing, fact: Fact, terms: Terms) -> str:
    if fact.direction == OUT:
        return "" if before.inside else EXIT_WITHOUT_ENTRY
    if fact.is_offline and terms.void_since is not None:
        if fact.at >= terms.void_since:
            return REVOKED
        if fact.received_at > terms.void_since:
            return REVOKED_AFTER
    why_not = why_not_in(before.inside, before.entries, before.last_in_at, fact.at, terms)
    return {ALREADY_USED: DOUBLE_ENTRY, NO_REENTRY: REENTRY}.get(why_not, "")


def _after(before: Standing, fact: Fact) -> Standing:
    if fact.direction == OUT:
        return replace(before, inside=False, last_out_at=fact.at)
    first = before.used_at is None
    return replace(
        before,
        used_at=fact.at if first else before.used_at,
        used_gate=fact.gate if first else before.used_gate,
        inside=True,
        entries=before.entries + 1,
        last_in_at=fact.at,
    )
