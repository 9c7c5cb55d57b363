"""What lots take, day by day: what was charged for stays, and what reservations were sold for.

A charge counts on the day it is paid, a reservation on the day it begins: both close to the hours that the space is
used. With taxes and fees, less what went back, without tips: those are the staff's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from parking.booking.models import ParkingReservation
from parking.lots.models import ParkingLot
from parking.stays.models import ParkingCharge

_MONEY = F("amount_paid") - F("amount_refunded")


def _charges() -> QuerySet[ParkingCharge]:
    return ParkingCharge.objects.filter(paid_at__isnull=False).exclude(kind=ParkingCharge.Kind.TIP).order_by()


def _reservations() -> QuerySet[ParkingReservation]:
    return ParkingReservation.objects.filter(order_item__quantity_refunded=0).order_by()


def by_day(lot: ParkingLot, since: datetime, until: datetime) -> dict[date, int]:
    """Minor units by the day of the venue's clock; two queries."""
    sums: defaultdict[date, int] = defaultdict(int)
    charged = _charges().filter(lot=lot, paid_at__gte=since, paid_at__lt=until)
    booked = _reservations().filter(capacity__lot=lot, starts_at__gte=since, starts_at__lt=until)
    for rows, moment, amount in ((charged, "paid_at", _MONEY), (booked, "starts_at", F("order_item__total"))):
        by_date = rows.annotate(day=TruncDate(moment, tzinfo=lot.zone)).values_list("day")
        for day, total in by_date.annotate(total=Sum(amount, default=0)):
            sums[day] += total
    return dict(sums)


def by_kind(venue_id: UUID, since: datetime, until: datetime) -> dict[tuple[UUID, str], int]:
    """Minor units of that time by lot and kind of space; two queries."""
    sums: defaultdict[tuple[UUID, str], int] = defaultdict(int)
    charged = _charges().filter(lot__venue=venue_id, paid_at__gte=since, paid_at__lt=until)
    booked = _reservations().filter(capacity__lot__venue=venue_id, starts_at__gte=since, starts_at__lt=until)
    of_charge = Coalesce("session__capacity__kind", "change__capacity__kind")
    for lot_id, kind, total in charged.values_list("lot_id", of_charge).annotate(total=Sum(_MONEY, default=0)):
        sums[lot_id, kind] += total
    sold = booked.values_list("capacity__lot_id", "capacity__kind").annotate(total=Sum("order_item__total", default=0))
    for lot_id, kind, total in sold:
        sums[lot_id, kind] += total
    return dict(sums)


def today(lots: Iterable[ParkingLot], now: datetime) -> dict[UUID, int]:
    """Minor units of the present day by each venue's clock, by the lot's id; two queries."""
    by_zone: defaultdict[ZoneInfo, list[UUID]] = defaultdict(list)
    for lot in lots:
        by_zone[lot.zone].append(lot.pk)
    charged = booked = Q(pk=None)
    for zone, ids in by_zone.items():
        begins, ends = day_of(now, zone)
        charged |= Q(lot__in=ids, paid_at__gte=begins, paid_at__lt=ends)
        booked |= Q(capacity__lot__in=ids, starts_at__gte=begins, starts_at__lt=ends)
    sums: defaultdict[UUID, int] = defaultdict(int)
    for lot_id, total in _charges().filter(charged).values_list("lot_id").annotate(total=Sum(_MONEY, default=0)):
        sums[lot_id] += total
    sold = _reservations().filter(booked).values_list("capacity__lot_id")
    for lot_id, total in sold.annotate(total=Sum("order_item__total", default=0)):
        sums[lot_id] += total
    return dict(sums)


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight by the clock of `zone`: 23, 24 or 25 hours."""
    day = now.astimezone(zone).date()
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When `day` begins there."""
    return datetime.combine(day, time(), zone)
