"""What the door of an event asks for beyond a ticket that is good.

`configuration["door"]` of the event, such as `{"reentry": true, "minimum_age": 18}`. Without it a ticket admits once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from events import policy_fields
from events.models import Event
from trufan.lib.errors import Detail

KEY = "door"
#: Nobody means more: half a day, and the age of the oldest guest.
MAX_GRACE, MAX_AGE = 720, 120
#: When a day of the door begins, by the venue's clock: who comes at one in the morning comes on the evening before.
DAY_BEGINS = timedelta(hours=6)


@dataclass(frozen=True)
class DoorPolicy:
    """`reentry`: who was seen leaving may come back. `once_per_day`: the ticket admits anew on each day of the event.

    `minimum_age` in years: the steward is told to look. `slot_grace_minutes`: how much before and after the slot of a
    ticket its holder may come.
    """

    reentry: bool = False
    once_per_day: bool = False
    minimum_age: int | None = None
    slot_grace_minutes: int = 0

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.slot_grace_minutes)


def policy_of(event: Event) -> DoorPolicy:
    """The event's policy; one that was written past the check and cannot be read admits once, as without any."""
    given = event.configuration.get(KEY)
    return DoorPolicy() if given is None or problems(given) else DoorPolicy(**given)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of the door on which a moment lies, by the clock of the venue."""
    return (moment.astimezone(zone).replace(tzinfo=None) - DAY_BEGINS).date()


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={"minimum_age": range(1, MAX_AGE + 1), "slot_grace_minutes": range(MAX_GRACE + 1)},
        flags=frozenset({"reentry", "once_per_day"}),
        needed={},
        example="{“reentry”: true}",
    )
