"""Which seats are in use: asked here, answered by the apps above that sell by them.

Whoever begins to use seats of a plan writes a row that refers to the plan, or locks it with `plans.locked`, in the
same transaction: replacing seats holds that lock, so that no seat goes while somebody takes it up.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

#: `(plan id, ids of seats of that plan)` → those of the seats that may not go.
InUse = Callable[[UUID, set[UUID]], set[UUID]]

_asked: list[InUse] = []


def register(in_use: InUse) -> None:
    """Let `in_use` be asked before seats go. It answers out of its own tables, in a few queries however many seats."""
    if in_use not in _asked:
        _asked.append(in_use)


def unregister(in_use: InUse) -> None:
    """Ask `in_use` no more."""
    _asked.remove(in_use)


def among(plan_id: UUID, seat_ids: set[UUID]) -> set[UUID]:
    """Those of the seats that somebody uses."""
    found: set[UUID] = set()
    if seat_ids:
        for in_use in _asked:
            found |= in_use(plan_id, seat_ids) & seat_ids
    return found
