from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Door"

    def ready(self) -> None:
        from accounts import personal_data
        from events import offers
        from events.signals import event_cancelled
        from orders import inventory_check as stocks
        from orders.kitchen import delivery
        from orders.signals import orders_adopted
        from ticketing import inventory_check, own_seats, personal
        from ticketing.offers import TicketOffers
        from ticketing.receivers import cancel_pending_orders, hand_over_tickets

        offers.register(TicketOffers())
        stocks.register("tickets", inventory_check.differences)
        delivery.register(own_seats.why_not)
        personal_data.register("tickets", export=personal.export, erase=personal.erase)
        orders_adopted.connect(hand_over_tickets, dispatch_uid="ticketing.hand_over_tickets")
        event_cancelled.connect(cancel_pending_orders, dispatch_uid="ticketing.cancel_pending_orders")
