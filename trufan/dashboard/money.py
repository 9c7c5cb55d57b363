"""What was taken and returned since midnight, by each venue's own clock: in all, and by what it was for."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.grants import Permission
from payments.models import Payment, Refund
from reports.models import SalesDay
from reports.rollups import keeping
from trufan.dashboard.common import by_day, labels, labels_where, mine, page, today
from trufan.lib.console.columns import show
from trufan.lib.console.sections import Section

#: Many look at once on a busy night: a venue's day is counted at most every so many seconds for them.
_FRESH_SECONDS, _COUNTED = 15, 10


def figures(request: HttpRequest, now: datetime) -> list[dict[str, str]]:
    """One figure per currency, with the payments behind it."""
    payments, refunds = mine(request, Payment), mine(request, Refund)
    if payments is None or refunds is None:
        return []
    venues = labels(request)
    since = min(
        (now.astimezone(each.zone).replace(hour=0, minute=0, second=0, microsecond=0) for each in venues), default=now
    )
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    taken = payments.filter(today(venues, "venue_id", "settled_at", now), status=Payment.Status.SUCCEEDED)
    for currency, amount, count in taken.order_by().values_list("currency").annotate(Sum("amount"), Count("pk")):
        sums[currency][0], sums[currency][1] = amount, count
    given = refunds.filter(today(venues, "payment__venue_id", "settled_at", now), status=Refund.Status.SUCCEEDED)
    for currency, amount in given.order_by().values_list("currency").annotate(Sum("amount")):
        sums[currency][2] = amount
    return [
        {
            "title": gettext("Taken today in {currency}").format(currency=currency),
            "value": show(amount - returned, currency),
            "note": _note(count, returned, currency),
            "url": page(Payment).list_url(
                Payment, status__exact="succeeded", currency__exact=currency, settled_at__gte=since.isoformat()
            ),
        }
        for currency, (amount, count, returned) in sorted(sums.items())
    ]


def _note(count: int, returned: int, currency: str) -> str:
    note = ngettext("{count} payment", "{count} payments", count).format(count=count)
    if returned:
        note += gettext(", {amount} of it returned").format(amount=show(returned, currency))
    return note


def by_kind(request: HttpRequest, now: datetime) -> list[Section]:
    """Today by tickets, food, merchandise, parking and tips, out of the same rollup as the reports."""
    venues = labels_where(request, Permission.VIEW_REPORTS)
    if not venues:
        return []
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for day, venue_ids in by_day(venues, now).items():
        # Of more venues the sweep's last count will do.
        few = venue_ids[:_COUNTED]
        stale = [each for each in few if cache.add(f"dashboard-money:{each}", 1, _FRESH_SECONDS)]
        if stale:
            keeping.refresh("sales", stale, day, day)
        rows = SalesDay.objects.filter(venue_id__in=venue_ids, day=day).order_by().values_list("currency", "kind")
        for currency, kind, *sums in rows.annotate(Sum("quantity"), Sum("gross"), Sum("refunded")):
            found[currency, kind] = [old + new for old, new in zip(found[currency, kind], sums, strict=True)]
    if not found:
        return []
    names = {value: str(label).capitalize() for value, label in SalesDay.Kind.choices}
    return [
        Section(
            title=gettext("Money today"),
            headers=[gettext("what"), gettext("pieces"), gettext("charged"), gettext("given back"), gettext("stayed")],
            rows=[
                [names[kind], count, show(gross, currency), show(back, currency), show(gross - back, currency)]
                for (currency, kind), (count, gross, back) in sorted(found.items())
            ],
            link=reverse("admin:reports_reportschedule_report", args=["sales"]) + "?period=today&group_by=kind",
            link_label=gettext("Report"),
        )
    ]
