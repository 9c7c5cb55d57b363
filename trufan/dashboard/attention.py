"""What wants a person: what failed, what waits for an answer, and what is not set up yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy

from accounts.grants import Permission
from events.models import Event
from notifications.models import Notification, WebhookEndpoint, WebhookMessage
from payments.models import ConnectedAccount, Dispute, Refund
from payments.querysets import AWAITING_ANSWER
from ticketing.models import EventSeating, TicketType
from trufan.dashboard.common import counted, in_words, labels_where, mine, page, zone
from trufan.lib.console import columns
from venues import payouts_console
from venues.models import SeatingPlan, TaxRate

#: Failures older than this are history, and drafts that begin later are no hurry.
_RECENT, _SOON = timedelta(days=14), timedelta(days=30)
#: An answer to a dispute that is due within this is due soon.
_DUE = timedelta(days=7)
_SHOWN = 5
Hint = dict[str, Any]


def waiting(request: HttpRequest, now: datetime) -> list[Hint]:
    """What failed for good or waits for an answer, each with the list that shows it."""
    found = [
        _hint(
            request,
            Refund,
            Q(status="failed"),
            ngettext_lazy("%(count)s refund failed", "%(count)s refunds failed", "count"),
            status__exact="failed",
        ),
        _hint(
            request,
            Refund,
            Q(status="pending"),
            ngettext_lazy("%(count)s refund is under way", "%(count)s refunds are under way", "count"),
            status__exact="pending",
        ),
        _hint(
            request,
            Dispute,
            Q(status__in=AWAITING_ANSWER),
            ngettext_lazy("%(count)s dispute waits", "%(count)s disputes wait", "count"),
            said=_due(request, now),
        ),
        _hint(
            request,
            Notification,
            Q(status="failed", created_at__gte=now - _RECENT),
            ngettext_lazy("%(count)s message failed", "%(count)s messages failed", "count"),
            status__exact="failed",
        ),
        _hint(
            request,
            WebhookMessage,
            Q(status="failed", created_at__gte=now - _RECENT),
            ngettext_lazy("%(count)s webhook message failed", "%(count)s webhook messages failed", "count"),
            status__exact="failed",
        ),
        _hint(
            request,
            WebhookEndpoint,
            Q(failing_since__isnull=False, is_active=True),
            ngettext_lazy(
                "%(count)s webhook endpoint does not answer", "%(count)s webhook endpoints do not answer", "count"
            ),
        ),
    ]
    return [each for each in found if each]


def to_do(request: HttpRequest, now: datetime) -> list[Hint]:
    """What is not set up yet, each with the page that mends it."""
    return [*_events_to_mend(request, now), *_venues_to_mend(request)]


def _hint(request: HttpRequest, model: Any, which: Q, names: Any, said: str = "", **query: str) -> Hint | None:
    rows = mine(request, model)
    count = counted(rows.filter(which)) if rows is not None else 0
    if not count:
        return None
    return {"text": in_words(count, names) + said, "url": page(model).list_url(model, **query)}


def _due(request: HttpRequest, now: datetime) -> str:
    """How many answers are due soon, and when the first is."""
    rows = mine(request, Dispute)
    if rows is None:
        return ""
    waits = rows.filter(status__in=AWAITING_ANSWER, evidence_due_by__isnull=False).select_related("payment")
    first = waits.order_by("evidence_due_by").first()
    if first is None:
        return ""
    if first.evidence_due_by <= now:
        overdue = counted(waits.filter(evidence_due_by__lte=now))
        words = ngettext("; the answer to {count} is overdue", "; the answers to {count} are overdue", overdue)
        return words.format(count=overdue)
    due = counted(waits.filter(evidence_due_by__lte=now + _DUE))
    when = columns.local_time(first.evidence_due_by, zone(request, first.payment.venue_id))
    if due > 1:
        return gettext("; {count} answers are due within {days} days, the first {evidence_due_by}").format(
            count=due, days=_DUE.days, evidence_due_by=when
        )
    return gettext("; the first answer is due {evidence_due_by}").format(evidence_due_by=when)


def _events_to_mend(request: HttpRequest, now: datetime) -> Iterator[Hint]:
    venues = [label.id for label in labels_where(request, Permission.MANAGE_EVENTS)]
    if not venues:
        return
    types = TicketType.objects.filter(event=OuterRef("pk"))
    seated = EventSeating.objects.filter(event=OuterRef("pk"))
    plans = SeatingPlan.objects.filter(venue=OuterRef("venue"))
    coming = Event.objects.filter(
        venue_id__in=venues, starts_at__gt=now, status__in=[Event.Status.DRAFT, Event.Status.PUBLISHED]
    )
    marked = coming.annotate(has_types=Exists(types), is_seated=Exists(seated), has_plan=Exists(plans))
    lacking = Q(has_types=False) | Q(status=Event.Status.DRAFT, starts_at__lt=now + _SOON)
    for event in marked.filter(lacking | Q(has_plan=True, is_seated=False)).order_by("starts_at")[:_SHOWN]:
        url = columns.change_url(event)
        if not event.has_types:
            yield {
                "text": gettext("“{event}” has no ticket types yet").format(event=event.name),
                "url": reverse("admin:ticketing_tickettype_add", query={"event": event.pk}),
            }
        elif event.status == Event.Status.DRAFT:
            yield {"text": gettext("“{event}” is still a draft").format(event=event.name), "url": url}
        else:
            yield {
                "text": gettext("“{event}” has no seating plan; it sells standing places").format(event=event.name),
                "url": url,
            }


def _venues_to_mend(request: HttpRequest) -> Iterator[Hint]:
    payers = labels_where(request, Permission.MANAGE_PAYOUTS)
    accounts: dict[Any, list[str]] = {}
    rows = ConnectedAccount.objects.filter(venue_id__in=[label.id for label in payers])
    for venue_id, status in rows.values_list("venue_id", "status"):
        accounts.setdefault(venue_id, []).append(status)
    ready = {venue_id for venue_id, states in accounts.items() if set(states) == {ConnectedAccount.Status.READY}}
    for label in [each for each in payers if each.id not in ready][:_SHOWN]:
        known = label.id in accounts
        text = gettext("{name} can't be paid out yet") if known else gettext("{name} has no payout account yet")
        yield {"text": text.format(name=label.name), "url": payouts_console.url_of(label.id)}
    managed = labels_where(request, Permission.MANAGE_VENUE)
    taxed = TaxRate.objects.filter(venue_id__in=[label.id for label in managed], is_active=True)
    with_tax = set(taxed.values_list("venue_id", flat=True))
    for label in [each for each in managed if each.id not in with_tax][:_SHOWN]:
        yield {
            "text": gettext("{label} charges no tax yet").format(label=label.name),
            "url": reverse("admin:venues_taxrate_add", query={"venue": label.id}),
        }
