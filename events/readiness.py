"""Whether an event can be published, and what is missing: one answer for the API, the console and publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext

from events import offers
from events.errors import NotSellable
from events.lacking import Lack, Place
from events.models import Event
from venues.models import TaxRate


def lacks(event: Event, now: datetime) -> list[Lack]:
    """All that `event` lacks at `now`: what blocks its publication first, then what only warns."""
    found = [*_of_itself(event, now), *offers.lacks(event, now), *_of_its_venue(event)]
    return sorted(found, key=lambda lack: not lack.blocks)


def refuse_unready(event: Event, now: datetime) -> None:
    """Raise `NotSellable`, with every reason, while something blocks the publication."""
    blocking = [lack for lack in lacks(event, now) if lack.blocks]
    if blocking:
        said = " ".join(lack.message for lack in blocking)
        raise NotSellable(said, details=[lack.as_detail() for lack in blocking])


def _of_itself(event: Event, now: datetime) -> Iterator[Lack]:
    if not event.venue.is_active:
        yield Lack("venue_closed", gettext("The venue is closed."), Place.VENUE, row=event.venue)
    if event.ends_at <= now:
        yield Lack("event_over", gettext("The event is already over."), Place.EVENT, row=event)
    elif event.starts_at <= now:
        yield Lack("event_running", gettext("The event has begun already."), Place.EVENT, blocks=False, row=event)
    if not event.capacity:
        yield Lack("no_capacity", gettext("The event has no capacity."), Place.EVENT, row=event)


def _of_its_venue(event: Event) -> Iterator[Lack]:
    """What money needs: the buyer can pay without it, so that it only warns."""
    account = event.venue.connected_account
    if account is None or not account.is_ready:
        if account is None:
            words = gettext("{venue} has no payout account yet: its money waits until there is one.")
        else:
            words = gettext("{venue} can’t be paid out yet: its money waits until the provider has all it asks for.")
        message = words.format(venue=event.venue.name)
        yield Lack("payouts_not_ready", message, Place.PAYOUTS, blocks=False, row=account)
    if not TaxRate.objects.filter(venue=event.venue_id, category=TaxRate.Category.TICKET, is_active=True).exists():
        message = gettext("{venue} charges no tax on tickets.").format(venue=event.venue.name)
        yield Lack("no_tax", message, Place.TAX_RATES, blocks=False)
