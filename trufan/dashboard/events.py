"""Tonight's events and those that come: what they sold, who arrived, and how that compares with past events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Sum, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from events.models import Event
from reports.models import SalesDay
from trufan.dashboard import drawing
from trufan.dashboard.common import ROWS, mine, page
from trufan.lib.console import columns
from trufan.lib.console.sections import Section

_TONIGHT = timedelta(hours=18)
#: Pace is held against so many past events of the venue, over so many days before they began; they are looked for among
#: its last ones.
_PAST, _DAYS, _LAST = 5, 60, 50


@dataclass(frozen=True)
class Pace:
    """Sold so far, and what past events had sold as many days before they began, on average."""

    sold: int
    usual: float
    of: int
    ours: Sequence[int]
    theirs: Sequence[float]
    #: Whether those were on the same day of the week.
    same_weekday: bool = False

    @property
    def words(self) -> str:
        """`Until yesterday 12 % more than …`: a day that is not over is not compared with days that are."""
        if not self.usual:
            return gettext("No event before had sold anything as many days before it began.")
        percent = round(100 * (self.sold - self.usual) / self.usual)
        if not percent:
            words = gettext("Until yesterday as many as usual: what the last events here ({of}) had sold by then.")
        elif percent > 0:
            words = gettext("Until yesterday {percent} % more than the last events here ({of}) had sold by then.")
        else:
            words = gettext("Until yesterday {percent} % fewer than the last events here ({of}) had sold by then.")
        told = words.format(percent=abs(percent), of=self.of)
        return " ".join([told, gettext("All on the same day of the week.")]) if self.same_weekday else told

    @property
    def picture(self) -> SafeString:
        return mark_safe(drawing.pace(self.ours, self.theirs))  # noqa: S308 (drawn by us, of numbers alone)


def cards(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """Events that run now or come next, with what they sold, who arrived and their pace."""
    rows = mine(request, Event)
    if rows is None:
        return []
    running: Any = rows.filter(ends_at__gt=now, status__in=[Event.Status.DRAFT, Event.Status.PUBLISHED])
    found = list(running.with_arrivals(now + _TONIGHT).select_related("venue").order_by("starts_at", "id")[: 2 * ROWS])
    tonight = [event for event in found if _is_tonight(event, now)]
    paces = _paces(tonight, now)
    return [_card(event, now, paces.get(event.pk)) for event in found]


def coming(request: HttpRequest, found: Sequence[dict[str, Any]]) -> Section:
    """The list of those that are not tonight."""
    may_plan = page(Event).has_add_permission(request)
    return Section(
        title=gettext("Coming up"),
        headers=[gettext("event"), gettext("venue"), gettext("starts"), gettext("status"), gettext("sold")],
        rows=[
            [
                columns.anchor(card["url"], card["event"].name),
                card["event"].venue.name,
                card["starts"],
                card["state"],
                f"{card['event'].tickets_sold} of {card['event'].capacity}",
            ]
            for card in found[:ROWS]
        ],
        empty=gettext("Nothing else is planned. Draw up the next event.")
        if may_plan
        else gettext("Nothing else is planned yet."),
        link=reverse("admin:events_event_add") if may_plan else "",
        link_label=gettext("New event"),
    )


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _is_tonight(event: Any, now: datetime) -> bool:
    return event.status == Event.Status.PUBLISHED and event.doors_at <= now + _TONIGHT


def _card(event: Any, now: datetime, pace: Pace | None) -> dict[str, Any]:
    zone = event.venue.zone
    tickets = reverse("admin:ticketing_ticket_changelist", query={"event__id__exact": event.pk})
    return {
        "event": event,
        "url": columns.change_url(event),
        "tickets_url": tickets,
        "arrived_url": f"{tickets}&status__exact=used",
        "starts": columns.local_time(event.starts_at, zone),
        "doors": f"{event.doors_at.astimezone(zone):%H:%M}",
        "state": columns.label(event.status),
        "sold_percent": percent(event.tickets_sold, event.capacity),
        "arrived_percent": percent(event.arrived, event.tickets_sold),
        "is_tonight": _is_tonight(event, now),
        "pace": pace,
    }


# -- Pace --


def _paces(found: Sequence[Any], now: datetime) -> dict[UUID, Pace]:
    """Event → its pace, for events whose venue had events before; three queries for all of them."""
    if not found:
        return {}
    past = _past(found, now)
    sold = _sold_by_day([*found, *{each.pk: each for before, _ in past.values() for each in before}.values()])
    paces = {}
    for event in found:
        before, same_weekday = past[event.pk]
        if before:
            left = max((_first_day(event) - now.astimezone(event.venue.zone).date()).days, 0) + 1
            ours = _run(sold[event.pk], _first_day(event), left)
            theirs = [_run(sold[each.pk], _first_day(each), left) for each in before]
            usual = [sum(day) / len(before) for day in zip(*theirs, strict=True)]
            paces[event.pk] = Pace(ours[-1], usual[-1], len(before), ours, usual, same_weekday)
    return paces


def _past(found: Sequence[Any], now: datetime) -> dict[UUID, tuple[list[Any], bool]]:
    """Event → its venue's last events before, those of the same day of the week if there are any; and whether so."""
    over = Event.objects.filter(
        venue_id__in={event.venue_id for event in found}, starts_at__lt=now, starts_at__gt=now - timedelta(days=400),
        status__in=[Event.Status.PUBLISHED, Event.Status.COMPLETED],
    ).exclude(pk__in=[each.pk for each in found])  # fmt: skip
    place = Window(RowNumber(), partition_by=F("venue_id"), order_by=F("starts_at").desc())
    by_venue: dict[UUID, list[Any]] = defaultdict(list)
    for event in over.annotate(place=place).filter(place__lte=_LAST).select_related("venue").order_by("-starts_at"):
        by_venue[event.venue_id].append(event)
    past = {}
    for event in found:
        before, weekday = by_venue[event.venue_id], _first_day(event).weekday()
        alike = [each for each in before if _first_day(each).weekday() == weekday]
        past[event.pk] = ((alike or before)[:_PAST], bool(alike))
    return past


def _first_day(event: Any) -> date:
    day: date = event.starts_at.astimezone(event.venue.zone).date()
    return day


def _sold_by_day(found: Sequence[Any]) -> dict[UUID, dict[date, int]]:
    """Event → tickets sold, less those given back, by day."""
    rows = SalesDay.objects.filter(
        venue_id__in={event.venue_id for event in found}, kind=SalesDay.Kind.TICKET,
        event_id__in=[event.pk for event in found],
    )  # fmt: skip
    sold: dict[UUID, dict[date, int]] = defaultdict(dict)
    for event_id, day, count in rows.values_list("event_id", "day").annotate(
        n=Sum(F("quantity") - F("quantity_refunded"))
    ):
        sold[event_id][day] = count
    return sold


def _run(by_day: dict[date, int], begins: date, left: int) -> list[int]:
    """How many were sold in all at the end of each of the last days, up to `left` days before it begins."""
    until = begins - timedelta(days=left)
    first = until - timedelta(days=_DAYS - 1)
    total = sum(count for day, count in by_day.items() if day < first)
    line = []
    for number in range(_DAYS):
        total += by_day.get(first + timedelta(days=number), 0)
        line.append(total)
    return line
