"""Who is one person, and what they have: by account, by e-mail address and by phone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Sum
from django.utils.crypto import salted_hmac

from orders.models import Order, OrderItem
from ticketing.limits.models import LimitedBuyer
from ticketing.models import TicketType

_SALT = "ticketing.limits.person"


@dataclass(frozen=True)
class Person:
    """All by which a buyer is known; empty: not known yet, as a guest in a preview.

    An account is known by its own e-mail address and phone, whatever contact was given for one order, so that what
    somebody buys as a guest and what they buy signed in counts together.
    """

    user: Any = None
    email: str = ""
    phone: str = ""

    @classmethod
    def of(cls, user: Any, email: str, phone: str) -> Person:
        if user is None:
            return cls(None, email.lower(), phone)
        return cls(user, user.email.lower(), str(user.phone or ""))

    def digests(self) -> list[str]:
        """What the person is locked by, in order."""
        known = {"user": self.user and str(self.user.pk), "email": self.email, "phone": self.phone}
        said = [f"{kind}:{value}" for kind, value in known.items() if value]
        return sorted(salted_hmac(_SALT, each, algorithm="sha256").hexdigest() for each in said)


def lock(event_id: UUID, person: Person) -> None:
    """Until the transaction ends, nobody else asks what this person has for the event. One statement."""
    LimitedBuyer.objects.bulk_create(
        [LimitedBuyer(event_id=event_id, person_key=key) for key in person.digests()],
        update_conflicts=True,
        unique_fields=["event", "person_key"],
        update_fields=["updated_at"],
    )


def has(event_id: UUID, person: Person, without: Order | None, now: datetime) -> Counter[UUID]:
    """Ticket type → how many the person holds or bought and did not give back, at `now`; two queries.

    `without`: an order that is asked about, and does not count. A hold that ran out is nobody's, swept or not.
    """
    lines = OrderItem.objects.filter(
        item_type=TicketType.sellable_type,
        item_id__in=TicketType.objects.filter(event=event_id).values("pk"),
        order__in=_orders(person),
    )
    alive = Q(status=OrderItem.Status.FULFILLED) | Q(
        status=OrderItem.Status.HELD, order__status=Order.Status.PENDING, order__expires_at__gt=now
    )
    sums = lines.filter(alive).exclude(order=without).order_by().values("item_id")
    counts = sums.annotate(n=Sum(F("quantity") - F("quantity_refunded"))).values_list("item_id", "n")
    return Counter(dict(counts))


def _orders(person: Person) -> list[UUID]:
    """The person's orders: each way to know them has its index, which one condition for all would not use."""
    ways = [
        Q(user=person.user) if person.user else None,
        Q(contact_email=person.email) if person.email else None,
        Q(contact_phone=person.phone) if person.phone else None,
    ]
    found = [Order.objects.order_by().filter(way).values_list("pk", flat=True) for way in ways if way]
    return list(found[0].union(*found[1:])) if found else []
