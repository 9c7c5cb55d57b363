"""Named reads of seating plans, their sections and seats."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class SeatingPlanQuerySet(BaseQuerySet):
    def active(self) -> SeatingPlanQuerySet:
        """Those that events may be sold by."""
        return self.filter(is_active=True)

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> SeatingPlanQuerySet:
        """The plans of the venues where `user` holds `permission`."""
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))

    def with_counts(self) -> SeatingPlanQuerySet:
        """With `section_count`, `seat_count` and `standing_count`."""
        # By name: the models import this module.
        from venues.seating.models import Seat, SeatSection

        return self.annotate(
            section_count=_total(SeatSection.objects, Count("pk")),
            seat_count=_total(Seat.objects, Count("pk")),
            standing_count=_total(SeatSection.objects, Sum("capacity")),
        )


def _total(rows: Any, figure: Any) -> Coalesce:
    """The figure over the rows of the plan at hand; 0 where there are none."""
    of_plan = rows.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(figure=figure).values("figure")
    return Coalesce(Subquery(of_plan), 0, output_field=IntegerField())


class SeatSectionQuerySet(BaseQuerySet):
    def in_order(self) -> SeatSectionQuerySet:
        return self.order_by("position", "name")

    def with_seat_count(self) -> SeatSectionQuerySet:
        return self.annotate(seat_count=Count("seats"))


class SeatQuerySet(BaseQuerySet):
    def in_order(self) -> SeatQuerySet:
        """Section by section, row by row from the stage, seat by seat."""
        return self.order_by("section__position", "section__name", "row_order", "seat_order")
