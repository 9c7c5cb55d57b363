"""A lot that has been busy for years: past stays, reservations and gate events by the hundred thousand.

For PostgreSQL only. One row of each is made by the rules, and the database makes as many like it as are wanted.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from psycopg import sql

from orders.models import OrderItem
from parking.lots.models import ParkingCapacity
from parking.models import GateEvent, ParkingReservation, ParkingSession, SpaceUse
from parking.stays import leaving
from parking.stays.opening import lock_session
from parking.stays.tests.at_the_gate import booked, there

_PAST = {
    "created_at": "now() - interval '3 hours' - n * interval '20 seconds'",
    "starts_at": "now() - interval '3 hours' - n * interval '20 seconds'",
    "started_at": "now() - interval '3 hours' - n * interval '20 seconds'",
    "ends_at": "now() - interval '2 hours' - n * interval '20 seconds'",
    "ended_at": "now() - interval '2 hours' - n * interval '20 seconds'",
    "seen_at": "now() - interval '3 hours' - n * interval '20 seconds'",
    "plate": "'OLD ' || (n % 50000)",
    "plate_key": "'010' || (n % 50000)",
    "number": "left(%s, 3) || n",
    "nonce": "'old-' || n",
    "position": "n + 1000",
}
#: All reservations are lines of one order, which takes no more.
_LINES = 30_000
#: Rows of one copy belong together: they share the last part of their keys.
_KEY = "lpad(to_hex(n), 12, '0')"


def write(capacity: ParkingCapacity, camera: Any, count: int) -> None:
    """So many stays that are over, each with its use and a gate event; and a tenth as many reservations."""
    stay = there(capacity, "OLD 0", minutes=180)
    event = GateEvent.objects.create(
        lot=capacity.lot, direction="entry", is_open=True, session=stay, seen_by=camera, nonce="old", plate="OLD 0",
        plate_key="0100", seen_at=stay.started_at,
    )  # fmt: skip
    with transaction.atomic():
        leaving.leave(lock_session(stay.pk), timezone.now(), by=camera)
    stay.refresh_from_db()
    _copy(SpaceUse, stay.use, "use", count)
    _copy(ParkingSession, stay, "stay", count, use_id="use")
    _copy(GateEvent, event, "seen", count, session_id="stay")
    old = booked(capacity, plate="OLD 0", begins=-600)
    old.use.is_active = False
    old.use.save()
    ParkingReservation.objects.filter(pk=old.pk).update(status="no_show")
    old.refresh_from_db()
    fewer = min(count // 10, _LINES)
    _copy(SpaceUse, old.use, "booked", fewer)
    _copy(OrderItem, old.order_item, "line", fewer)
    _copy(ParkingReservation, old, "reserved", fewer, use_id="booked", order_item_id="line")


def _copy(model: type[models.Model], row: models.Model, kind: str, count: int, **of: str) -> None:
    """Make rows like `row`, in the past; `of`: which column names the rows of which kind that was made before."""
    fields = {field.column for field in model._meta.concrete_fields}
    changes = {column: expression for column, expression in _PAST.items() if column in fields}
    changes |= {"id": _key(kind), **{column: _key(other) for column, other in of.items()}}
    changed = [
        item
        for column, value in changes.items()
        for item in (sql.Literal(column), sql.SQL(value.replace("%s", f"'{kind}'")))
    ]
    table = sql.Identifier(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} SELECT made.* FROM {table} source, generate_series(1, {count}) n, LATERAL"
                " jsonb_populate_record(NULL::{table}, to_jsonb(source) || jsonb_build_object({changed})) made"
                " WHERE source.id = {pk}"
            ).format(table=table, changed=sql.SQL(", ").join(changed), count=sql.Literal(count), pk=sql.Literal(row.pk))
        )
        cursor.execute(sql.SQL("ANALYZE {}").format(table))


def _key(kind: str) -> str:
    """A key that tells the kind of row and its number."""
    return f"('00000000-0000-7000-8{len(kind)}{ord(kind[0]) % 256:02x}-' || {_KEY})::uuid"
