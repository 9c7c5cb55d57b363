from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = "Box office"

    def ready(self) -> None:
        from orders import finding
        from trufan.lib.console import finding as search_box

        search_box.register("Orders", finding.find)
        from accounts import personal_data
        from accounts.signals import email_verified
        from orders import forgetting, inventory_check, live, personal, timeline_sources
        from orders.aftersale import personal as aftersale
        from orders.calloffs import working as calloffs
        from orders.expiry import expire_overdue
        from orders.kitchen import live as kitchen_live
        from orders.menu.models import Outlet
        from orders.receipts import issuing
        from orders.receivers import adopt_guest_orders
        from trufan.lib import sweeps
        from venues.devices import places
        from venues.devices.models import VenueDevice

        places.register(VenueDevice.Scope.KITCHEN, Outlet.objects.all)
        timeline_sources.connect()
        live.connect()
        kitchen_live.connect()
        email_verified.connect(adopt_guest_orders, dispatch_uid="orders.adopt_guest_orders")
        inventory_check.register("products", inventory_check.variants)
        personal_data.register("orders", export=personal.export, erase=personal.erase)
        personal_data.register("tips_and_ratings", export=aftersale.export, erase=aftersale.erase)
        forgetting.connect()
        sweeps.register("orders.expired_holds", expire_overdue)
        sweeps.register("orders.receipts", issuing.issue_due)
        sweeps.register("orders.call_offs", calloffs.sweep)
