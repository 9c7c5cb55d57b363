"""Whether, until when and how often the tickets of an event may be handed on.

`configuration["transfer_policy"]` of the event, such as `{"until_hours_before_start": 2, "most_per_ticket": 1}` or
`{"allowed": false}`. Without it they may be, until the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events import policy_fields
from events.models import Event
from events.policy_fields import MAX_HOURS
from trufan.lib.errors import Detail

KEY = "transfer_policy"
MOST = 100


@dataclass(frozen=True)
class TransferPolicy:
    """`most_per_ticket`: how many times one ticket may change hands."""

    allowed: bool = True
    until_hours_before_start: int = 0
    most_per_ticket: int = 10

    def deadline(self, starts_at: datetime) -> datetime:
        """Until when a ticket may be offered and taken."""
        return starts_at - timedelta(hours=self.until_hours_before_start)


def policy_of(event: Event) -> TransferPolicy:
    """The event's policy; none may be handed on under one that was written past the check and cannot be read."""
    given = event.configuration.get(KEY)
    if given is None:
        return TransferPolicy()
    return TransferPolicy(allowed=False) if problems(given) else TransferPolicy(**given)


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={"until_hours_before_start": range(MAX_HOURS + 1), "most_per_ticket": range(1, MOST + 1)},
        flags=frozenset({"allowed"}),
        needed={},
        example="{“until_hours_before_start”: 2}",
    )
