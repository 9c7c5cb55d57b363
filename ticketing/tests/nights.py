"""An event that has seats, slots, releases, a hidden type, a bundle and free tickets; and what people do with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management import call_command

from orders.models import Order
from ticketing.models import (
    Bundle,
    BundleLine,
    EntrySlot,
    EventSeat,
    TicketRelease,
    TicketType,
    UnlockCode,
)
from ticketing.pricing.tests.shop import ORDERS, cart, line, pay
from ticketing.seats.tests.seated import plan_of, seat_by, seated_type
from trufan.testing import TicketTypeFactory


class Night:
    """An event that has all of it."""

    def __init__(self, event: Any, olga: Any) -> None:
        event.configuration = {
            "refund_policy": {"until_hours_before_start": 0},
            "exchange_policy": {"until_hours_before_start": 0},
        }
        event.save()
        self.event = event
        self.gold, self.silver = seated_type(event), seated_type(event, "Silver")
        self.plan = plan_of(event.venue, {"A": (3, 6), "B": (2, 4)})
        seat_by(event, self.plan, olga, A=self.gold, B=self.silver)
        self.slot = EntrySlot.objects.create(
            event=event, starts_at=event.starts_at, ends_at=event.starts_at + timedelta(hours=1), capacity=50
        )
        self.timed = TicketTypeFactory(event=event, name="Timed", needs_slot=True, price=1_000)
        self.early = TicketTypeFactory(event=event, name="Floor", price=4_000)
        self.release = TicketRelease.objects.create(ticket_type=self.early, name="Early", price=3_000, quantity=3)
        self.hidden = TicketTypeFactory(event=event, name="Fan club", price=2_000, visibility="hidden")
        self.code = UnlockCode.objects.create(event=event, code="FANS", max_uses=5)
        self.code.ticket_types.add(self.hidden)
        self.free = TicketTypeFactory(event=event, name="Children", price=0)
        self.bundle = Bundle.objects.create(event=event, name="Family", price=7_001)
        for kind, count in ((self.gold, 2), (self.early, 1)):
            BundleLine.objects.create(bundle=self.bundle, ticket_type=kind, count=count)

    def lines(self) -> list[dict[str, Any]]:
        return [
            line(self.gold, 2, seats=["A-A-1", "A-A-2"]), line(self.timed, 2, slot=str(self.slot.pk)),
            line(self.early, 2), line(self.free), line(self.hidden),
        ]  # fmt: skip

    def more(self) -> dict[str, Any]:
        return {"bundles": [{"id": str(self.bundle.pk), "quantity": 1}], "unlock_codes": ["fans"]}

    def has_nothing(self) -> None:
        """All that can be counted is as if nothing was ever sold."""
        assert set(TicketType.objects.values_list("held", "sold", "house", "set_aside")) == {(0, 0, 0, 0)}
        assert set(EventSeat.objects.values_list("status", flat=True)) == {"free"}
        for row in (self.slot, self.release):
            row.refresh_from_db()
            assert (row.held, row.sold) == (0, 0)
        call_command("check_inventory")
        call_command("check_books")


def place(api: Any, user: Any, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = api.as_(user).post(ORDERS, cart(*lines, **more))
    assert answer.status_code == 201, answer.json()
    return answer.json()


def bought(api: Any, user: Any, *lines: dict[str, Any], **more: Any) -> Order:
    placed = place(api, user, *lines, **more)
    if placed["status"] == "pending":
        pay(api.as_(user), placed)
    return Order.objects.get(pk=placed["id"])


def exchange(api: Any, user: Any, order: Order, kind: TicketType, count: int | None = None, **asks: Any) -> Any:
    ids = [str(pk) for pk in order.tickets.order_by("ordinal").values_list("pk", flat=True)[:count]]
    return api.as_(user).post(f"{ORDERS}/{order.pk}/exchanges", {"tickets": ids, "ticket_type": str(kind.pk), **asks})
