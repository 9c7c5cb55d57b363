"""Whether, and on what terms, buyers of an event may give their tickets back by themselves.

`configuration["refund_policy"]` of the event, such as `{"until_hours_before_start": 48, "keep_fees": true,
"keep_percent": 10}`. Without it they may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events.models import Event
from trufan.lib.errors import Detail, Invalid

KEY = "refund_policy"
#: A year: nobody means more, and times stay within what a date can hold.
MAX_HOURS = 8_784


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
    """The event's policy; None where it has none, or one written past `refuse_bad_policy` that cannot be read."""
    given = event.configuration.get(KEY)
    return None if given is None or problems(given) else RefundPolicy(**given)


def refuse_bad_policy(configuration: dict[str, Any]) -> None:
    """Raise `Invalid`, naming every field, where the configuration holds a policy that says nothing clear."""
    found = problems(configuration[KEY]) if configuration.get(KEY) is not None else []
    if found:
        raise Invalid(" ".join(f"{each.field}: {each.message}" for each in found), details=found)


def problems(given: Any) -> list[Detail]:
    """What is wrong with a policy, field by field."""
    if not isinstance(given, dict):
        return [_wrong("", "Give an object such as {“until_hours_before_start”: 48}.")]
    fields = RefundPolicy.__dataclass_fields__
    found = [
        _wrong(name, f"There is no such rule; there are {', '.join(fields)}.") for name in given if name not in fields
    ]
    if "until_hours_before_start" not in given:
        found.append(_wrong("until_hours_before_start", "Say until how many hours before the start.", "required"))
    for name, most in (("until_hours_before_start", MAX_HOURS), ("keep_percent", 100)):
        value = given.get(name, 0)
        if type(value) is not int or not 0 <= value <= most:
            found.append(_wrong(name, f"Give a whole number from 0 to {most}."))
    if type(given.get("keep_fees", False)) is not bool:
        found.append(_wrong("keep_fees", "Say true or false."))
    return found


def _wrong(name: str, message: str, code: str = "invalid") -> Detail:
    return Detail(".".join(filter(None, ["configuration", KEY, name])), code, message)
