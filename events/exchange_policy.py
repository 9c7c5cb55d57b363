"""Whether, until when and for what buyers of an event may exchange their tickets.

`configuration["exchange_policy"]` of the event, such as `{"until_hours_before_start": 24, "fee": 500}`. Without it they
may not. `fee` is kept of each ticket, in minor units; `keep_fees` keeps the service fees; `other_events` lets them take
another event of the venue, such as another date of a series.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from events import policy_fields
from events.models import Event
from events.policy_fields import MAX_HOURS
from trufan.lib.errors import Detail

KEY = "exchange_policy"
MOST_FEE = 1_000_000


@dataclass(frozen=True)
class ExchangePolicy:
    """`fee` in minor units for each ticket."""

    until_hours_before_start: int
    fee: int = 0
    keep_fees: bool = False
    other_events: bool = True

    def deadline(self, starts_at: datetime) -> datetime:
        """The last moment at which a buyer may exchange."""
        return starts_at - timedelta(hours=self.until_hours_before_start)


def policy_of(event: Event) -> ExchangePolicy | None:
    """The event's policy; None where it has none, or one written past the check that cannot be read."""
    given = event.configuration.get(KEY)
    return None if given is None or problems(given) else ExchangePolicy(**given)


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={"until_hours_before_start": range(MAX_HOURS + 1), "fee": range(MOST_FEE + 1)},
        flags=frozenset({"keep_fees", "other_events"}),
        needed={"until_hours_before_start": gettext("Say until how many hours before the start.")},
        example="{“until_hours_before_start”: 24}",
    )
