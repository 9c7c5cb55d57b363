"""What the template of the dashboard is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from events.models import Event
from trufan.dashboard import attention, events, jobs, making, money, recent
from trufan.dashboard.common import labels, page
from trufan.lib.console import venue_labels
from trufan.lib.live import identity

#: Of more venues the page hears by asking.
_WATCHED = 40


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: what the template `admin/index.html` shows."""
    now = timezone.now()
    found = events.cards(request, now)
    context |= {
        "title": gettext("Tonight"),
        "jobs": jobs.jobs(request),
        "tonight": [card for card in found if card["is_tonight"]],
        "coming": events.coming(request, [card for card in found if not card["is_tonight"]]),
        "figures": money.figures(request, now),
        "attention": attention.waiting(request, now),
        "to_do": attention.to_do(request, now),
        "lists": [
            *money.by_kind(request, now),
            *making.lots(request, now),
            *making.kitchens(request, now),
            *recent.orders(request),
            *recent.scans(request),
        ],
        "may_plan": page(Event).has_add_permission(request),
        "new_event": reverse("admin:events_event_add"),
        "new_venue": reverse("admin:venues_venue_add"),
        "has_venues": bool(venue_labels.of_request(request)),
        "watch": " ".join(f"venue:{label.id}" for label in labels(request)[:_WATCHED]),
        "ticket": identity.ticket_for(request.user),
    }
    return context


def environment(request: HttpRequest) -> list[str] | None:
    """unfold's ENVIRONMENT: a label that tells a laptop or a test system from the real one."""
    if settings.DJANGO_ENV == "production":
        return None
    return [settings.DJANGO_ENV, "warning" if settings.DJANGO_ENV == "staging" else "info"]
