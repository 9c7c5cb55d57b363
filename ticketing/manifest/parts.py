"""What a manifest holds, told by the rooms that own it.

A *part* is one entry of the header, such as the door's rules. A *flag* is a yes or no of each ticket, a *column* names
one of a few things for each ticket, such as its type: the row holds a number, the header what the numbers stand for. A
room adds its own when the app starts (`TicketingConfig.ready`); every scanner then finds them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from events.models import Event

#: What JSON can say of the event.
Part = Callable[[Event], Any]
#: For the values that occur, in this order, what the header says of each.
Legend = Callable[[Event, Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Flag:
    """Set where `is_set` of the value of the ticket's `field` is true."""

    name: str
    field: str
    is_set: Callable[[Any], bool]


@dataclass(frozen=True)
class Column:
    """A ticket whose `field` is empty has none."""

    name: str
    field: str
    legend: Legend


_parts: dict[str, Part] = {}
_flags: dict[str, Flag] = {}
_columns: dict[str, Column] = {}


def add(name: str, part: Part) -> None:
    """Let the header of every manifest have `name`. The part gets the event with its venue."""
    _parts[name] = part


def add_flag(name: str, field: str, is_set: Callable[[Any], bool] = bool) -> None:
    """Give every row a bit; there are sixteen, in the order in which they are added."""
    _flags[name] = Flag(name, field, is_set)


def add_column(name: str, field: str, legend: Legend) -> None:
    """Give every row a number. The legend is asked once for each manifest."""
    _columns[name] = Column(name, field, legend)


def header(event: Event) -> dict[str, Any]:
    return {name: part(event) for name, part in _parts.items()}


def flags() -> list[Flag]:
    return list(_flags.values())


def columns() -> list[Column]:
    return list(_columns.values())
