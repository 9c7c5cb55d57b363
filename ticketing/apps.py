from importlib import import_module

from django.apps import AppConfig

#: Rooms that take part in what others do, each by its `connecting.connect()`; in the order of their steps in a sale
#: (`steps.py`): who locks what is one person's, or the old order of an exchange, comes before who locks stock.
ROOMS = (
    "manifest", "rotation", "scanner", "door", "papers", "transfers", "waitlist",
    "limits", "waitingroom", "exchanges", "attendees", "slots", "pricing", "seats",
)  # fmt: skip


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Door"

    def ready(self) -> None:
        from ticketing import finding
        from trufan.lib.console import finding as search_box

        search_box.register("Tickets", finding.find)
        from accounts import personal_data
        from events import offers
        from events.series import copying
        from events.signals import event_cancelled, event_moved
        from notifications.broadcasts import audiences
        from orders import inventory_check as stocks
        from orders.kitchen import delivery
        from orders.signals import orders_adopted
        from ticketing import audiences as holders
        from ticketing import (
            copies,
            forgetting,
            inventory_check,
            live,
            own_seats,
            personal,
            receivers,
            reminders,
            story,
            telling_holders,
        )
        from ticketing.offers import TicketOffers
        from trufan.lib import sweeps

        # First: the other rooms' copies refer to those of ticket types.
        copying.register("ticket_types", copies.ticket_types)
        for room in ROOMS:
            import_module(f"ticketing.{room}.connecting").connect()
        story.connect()
        live.connect()
        audiences.register(holders.NAME, count=holders.count, page=holders.page)
        offers.register(TicketOffers())
        stocks.register("tickets", inventory_check.differences)
        delivery.register(own_seats.why_not)
        personal_data.register("tickets", export=personal.export, erase=personal.erase)
        forgetting.connect()
        sweeps.register("ticketing.reminders", reminders.sweep)
        orders_adopted.connect(receivers.hand_over_tickets, dispatch_uid="ticketing.hand_over_tickets")
        event_cancelled.connect(telling_holders.tell_cancelled, dispatch_uid="ticketing.tell_cancelled")
        event_moved.connect(telling_holders.tell_moved, dispatch_uid="ticketing.tell_moved")
        event_cancelled.connect(receivers.cancel_pending_orders, dispatch_uid="ticketing.cancel_pending_orders")
