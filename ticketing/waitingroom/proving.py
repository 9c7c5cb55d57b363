"""The proof of a draw: the seed is the one that was promised, and every number is the one it gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ticketing.waitingroom import lottery
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry

#: Requests that were under way when staff started a room early took a place as before the start.
IN_FLIGHT = timedelta(seconds=5)


def wrongs(room: WaitingRoom) -> Iterator[str]:
    """What is wrong with the room's draw, in words; nothing, unless somebody changed rows by hand.

    A place of before the start has the number that is drawn for it. One of after the start has that of its moment.
    """
    if lottery.commitment(room.seed) != room.seed_hash:
        yield f"{room.event_id}: the seed is not the one whose hash was published"
    places = WaitingRoomEntry.objects.filter(room=room).order_by("pk").values_list("pk", "turn", "created_at")
    for place_id, turn, came_at in places.iterator():
        allowed = set()
        if came_at < room.starts_at + IN_FLIGHT:
            allowed.add(lottery.drawn(room.seed, place_id))
        if came_at >= room.starts_at:
            allowed.add(lottery.arrived(came_at))
        if turn not in allowed:
            yield f"{room.event_id}: place {place_id} has the number {turn}, which is not its own"
