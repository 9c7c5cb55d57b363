"""How many tickets of an event one person may have, over all their orders.

`configuration["limits"]` of the event, such as `{"tickets_per_person": 6}`. Without it there is no such limit; a ticket
type may have one of its own.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from events import policy_fields
from events.models import Event
from trufan.lib.errors import Detail

KEY = "limits"
_PER_PERSON = "tickets_per_person"
MOST = 1_000


def tickets_per_person(event: Event) -> int | None:
    """The event's limit; None where it has none, or one written past the check that cannot be read."""
    given = event.configuration.get(KEY)
    return None if given is None or problems(given) else given[_PER_PERSON]


def problems(given: Any) -> list[Detail]:
    """What is wrong with the limits, field by field."""
    return policy_fields.problems(
        KEY,
        given,
        numbers={_PER_PERSON: range(1, MOST + 1)},
        flags=frozenset(),
        needed={_PER_PERSON: gettext("Say how many tickets one person may have.")},
        example="{“tickets_per_person”: 6}",
    )
