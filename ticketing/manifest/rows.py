"""Tickets as rows of one width, big endian, in the order of their ids, so that a scanner finds one by halving.

offset  bytes
     0     16  ticket id
    16      2  code version
    18      1  status: 0 valid, 1 used, 2 refunded
    19      2  flags, a bit each
    21      4  when it was used, in seconds since 1970; 0 when it was not
    25      2  for each column: which entry of its legend; 65535 for none
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from events.models import Event
from ticketing.manifest import parts
from ticketing.models import Ticket
from ticketing.querysets import TicketQuerySet

STATUSES = [Ticket.Status.VALID, Ticket.Status.USED, Ticket.Status.REFUNDED]
NONE = 0xFFFF
_FIXED = [("id", 16), ("code_version", 2), ("status", 1), ("flags", 2), ("used_at", 4)]
_OWN = ["pk", "code_version", "status", "used_at"]
_CHUNK = 5_000


@dataclass(frozen=True)
class Rows:
    """The packed rows and, for the header, how to read them."""

    packed: bytes
    description: dict[str, Any] = field(repr=False)


def pack(event: Event, tickets: TicketQuerySet) -> Rows:
    """One query for the rows, and those of the legends."""
    flags, columns = parts.flags(), parts.columns()
    layout = struct.Struct(f">16sHBHI{len(columns)}H")
    seen: list[dict[Any, int]] = [{} for _ in columns]
    names = [*_OWN, *(flag.field for flag in flags), *(column.field for column in columns)]
    last = len(_OWN) + len(flags)
    status_numbers = {str(status): number for number, status in enumerate(STATUSES)}
    bits = [(at, 1 << number, flag.is_set) for number, (at, flag) in enumerate(enumerate(flags, len(_OWN)))]

    def packed(row: tuple[Any, ...]) -> bytes:
        pk, version, status, used_at = row[: len(_OWN)]
        return layout.pack(
            pk.bytes,
            version,
            status_numbers[status],
            sum(bit for at, bit, is_set in bits if is_set(row[at])),
            0 if used_at is None else int(used_at.timestamp()),
            *(_number(known, value) for known, value in zip(seen, row[last:], strict=True)),
        )

    rows: Iterable[tuple[Any, ...]] = tickets.order_by("pk").values_list(*names).iterator(_CHUNK)
    content = b"".join(map(packed, rows))
    description = {
        "count": len(content) // layout.size,
        "row_bytes": layout.size,
        "fields": _fields([column.name for column in columns]),
        "statuses": STATUSES,
        "flags": {flag.name: 1 << number for number, flag in enumerate(flags)},
        "legends": {
            column.name: column.legend(event, list(known)) for column, known in zip(columns, seen, strict=True)
        },
    }
    return Rows(content, description)


def _number(known: dict[Any, int], value: Any) -> int:
    """Which of the column's values this is, counted as they occur."""
    return NONE if value in (None, "") else known.setdefault(value, len(known))


def _fields(columns: list[str]) -> list[dict[str, Any]]:
    fields, offset = [], 0
    for name, width in [*_FIXED, *((name, 2) for name in columns)]:
        fields.append({"name": name, "offset": offset, "bytes": width})
        offset += width
    return fields
