"""Whether, and on what terms, buyers of an event may give their tickets back by themselves.

`configuration["refund_policy"]` of the event, such as `{"until_hours_before_start": 48, "keep_fees": true,
"keep_percent": 10}`. Without it they may not.
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

KEY = "refund_policy"


@dataclass(frozen=True)
class RefundPolicy:
    """`keep_percent` is taken of what is left after the service fees, if these are kept."""

    until_hours_before_start: int
    keep_fees: bool = False
    keep_percent: int = 0

    def deadline(self, starts_at: datetime) -> datetime:
        """The last moment at which a buyer may give back."""
        return starts_at - timedelta(hours=self.until_hours_before_start)


def policy_of(event: Event) -> RefundPolicy | None:
    """The event's policy; None where it has none, or one written past the check that cannot be read."""
    given = event.configuration.get(KEY)
    return None if given is None or problems(given) else RefundPolicy(**given)


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={"until_hours_before_start": range(MAX_HOURS + 1), "keep_percent": range(101)},
        flags=frozenset({"keep_fees"}),
        needed={"until_hours_before_start": gettext("Say until how many hours before the start.")},
        example="{“until_hours_before_start”: 48}",
    )
