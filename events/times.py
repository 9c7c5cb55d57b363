"""Times as a venue's clocks show them, and as the database keeps them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from trufan.lib.errors import Invalid

#: Events outside of these years are mistakes, and near the ends of the calendar zones cannot be converted.
YEARS = range(2000, 2101)


def to_utc(value: datetime, zone: ZoneInfo, field: str) -> datetime:
    """The instant that `value` names: by its own offset, or without one by the clocks of `zone`.

    A local time that happens twice, when clocks are put back, is the first of the two; give an offset for the second.
    One that never happens, when they are put forward, raises `Invalid` naming `field`, as does a year out of reach.
    """
    if value.year not in YEARS:
        raise Invalid.field(field, f"Give a year from {YEARS[0]} to {YEARS[-1]}.")
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    instant = value.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != value:
        raise Invalid.field(
            field, f"Clocks in {zone.key} skip this time; they are put forward then.", "nonexistent_time"
        )
    return instant


def on_the_wall(instant: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 with the venue's own offset: `2026-07-03T19:30:00-04:00`."""
    return instant.astimezone(zone).isoformat()
