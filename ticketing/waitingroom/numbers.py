"""How a waiting room goes, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from ticketing.waitingroom import line
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry

Status = WaitingRoomEntry.Status


@dataclass(frozen=True)
class Numbers:
    """People by what became of them; `seconds_each` from being let in to being out again; let in a minute."""

    waiting: int
    inside: int
    done: int
    left: int
    expired: int
    seconds_each: int
    a_minute: float


def of(room: WaitingRoom) -> Numbers:
    """As it is now; two queries."""
    rows = WaitingRoomEntry.objects.filter(room=room).order_by().values_list("status").annotate(n=Count("pk"))
    counts: dict[str, int] = dict(rows)
    each = line.seconds_each(room)
    return Numbers(
        waiting=counts.get(Status.WAITING, 0),
        inside=counts.get(Status.ADMITTED, 0),
        done=counts.get(Status.DONE, 0),
        left=counts.get(Status.LEFT, 0),
        expired=counts.get(Status.EXPIRED, 0),
        seconds_each=round(each),
        a_minute=round(60 * room.at_once / each, 1),
    )
