"""A copied event has the prices, bundles and add-ons of its source, and none of its codes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ticketing.copies import ticket_types
from ticketing.models import Bundle, TicketRelease, TicketType, UnlockCode
from trufan.testing import EventFactory, TicketTypeFactory


def test_prices_bundles_and_add_ons_go_along_and_codes_do_not(venue, event, ticket_type):
    early = TicketRelease.objects.create(
        ticket_type=ticket_type, name="Early", price=1, quantity=9, sold=4, until=event.starts_at - timedelta(days=1)
    )
    addon = TicketTypeFactory(event=event, name="Meet & greet", min_price=100)
    addon.addon_of.set([ticket_type])
    Bundle.objects.create(event=event, name="Pair", price=9_000).lines.create(ticket_type=ticket_type, count=2)
    UnlockCode.objects.create(event=event, code="SECRET").ticket_types.set([addon])
    copy = EventFactory(
        venue=venue, starts_at=event.starts_at + timedelta(days=7), ends_at=timezone.now() + timedelta(days=8)
    )

    ticket_types(event, [copy], {})

    release = TicketRelease.objects.get(ticket_type__event=copy)
    assert (release.name, release.price, release.quantity, release.sold) == ("Early", 1, 9, 0)
    assert release.until - early.until == timedelta(days=7)
    twin = TicketType.objects.get(event=copy, name="Meet & greet")
    assert (twin.min_price, twin.addon_of.get().event) == (100, copy)
    assert Bundle.objects.get(event=copy).lines.get().ticket_type.event == copy
    assert not UnlockCode.objects.filter(event=copy).exists()
