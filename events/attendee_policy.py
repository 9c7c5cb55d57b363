"""What an event wants to know of those who come, besides its own questions.

`configuration["attendees"]` of the event, such as `{"names": "required", "emails": "optional", "required_when":
"purchase", "editable_until_hours_before_start": 24}`. Without it neither names nor addresses are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events import policy_fields
from events.models import Event
from events.policy_fields import MAX_HOURS
from trufan.lib.errors import Detail

KEY = "attendees"
REQUIRED, OPTIONAL, NONE = "required", "optional", "none"
PURCHASE, DEADLINE = "purchase", "deadline"
_WANTED = (REQUIRED, OPTIONAL, NONE)


@dataclass(frozen=True)
class AttendeePolicy:
    """`required_when`: whether what is required must come with the order, or is due by the deadline."""

    names: str = NONE
    emails: str = NONE
    required_when: str = DEADLINE
    editable_until_hours_before_start: int = 0

    @property
    def at_purchase(self) -> bool:
        """Whether nobody buys without what is required."""
        return self.required_when == PURCHASE

    def deadline(self, starts_at: datetime) -> datetime:
        """Until when holders give and change it."""
        return starts_at - timedelta(hours=self.editable_until_hours_before_start)


def policy_of(event: Event) -> AttendeePolicy:
    """The event's policy; nothing is asked for under one that was written past the check and cannot be read."""
    given = event.configuration.get(KEY)
    return AttendeePolicy() if given is None or problems(given) else AttendeePolicy(**given)


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={"editable_until_hours_before_start": range(MAX_HOURS + 1)},
        flags=frozenset(),
        needed={},
        example="{“names”: “required”}",
        choices={"names": _WANTED, "emails": _WANTED, "required_when": (PURCHASE, DEADLINE)},
    )
