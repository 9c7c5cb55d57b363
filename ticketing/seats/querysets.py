"""Named reads of the seats of events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, TextField

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class Joined(Aggregate):
    """Whole numbers as one text, with commas: a thousandth of the rows to carry out of the database."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="string_agg(%(expressions)s::text, ',')", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="group_concat(%(expressions)s, ',')", **context)


class EventSeatingQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> EventSeatingQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class EventSeatQuerySet(BaseQuerySet):
    def free(self) -> EventSeatQuerySet:
        """Those that can be had now."""
        return self.filter(status="free")

    def positions(self) -> list[int]:
        """Where they stand on the map, in no order. One query with one row."""
        joined = self.order_by().aggregate(joined=Joined("position"))["joined"]
        return [int(each) for each in joined.split(",")] if joined else []

    def taken(self) -> EventSeatQuerySet:
        """Those that somebody holds or bought."""
        return self.filter(status__in=["held", "sold"])

    def counted(self) -> EventSeatQuerySet:
        """Those that the quantity of their ticket type counts: all but what is kept from sale."""
        return self.exclude(status__in=["blocked", "house"])

    def of_lines(self, items: Iterable[Any]) -> EventSeatQuerySet:
        """What these lines of orders hold or bought, in the order of the map."""
        return self.filter(order_item__in=[item.pk for item in items]).order_by("event", "position")

    def labelled(self, event_id: UUID, labels: Iterable[str]) -> EventSeatQuerySet:
        return self.filter(event=event_id, label__in=list(labels))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> EventSeatQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
