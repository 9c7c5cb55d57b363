from django.apps import AppConfig


class ParkingConfig(AppConfig):
    name = "parking"
    verbose_name = "Parking"

    def ready(self) -> None:
        from parking import finding
        from trufan.lib.console import finding as search_box

        search_box.register("Cars", finding.find)
        from accounts import personal_data
        from accounts.signals import email_verified
        from orders import inventory_check as stocks
        from orders.signals import orders_adopted
        from parking import forgetting, inventory_check, live, story
        from parking.booking import cancelling, changing, personal
        from parking.lots.models import ParkingLot
        from parking.lots.receivers import refuse_currency_change
        from parking.pricing import reviewing
        from parking.spaces import blocks
        from parking.stays import erasure, lapsing, leaving, starting, warning  # noqa: F401  `starting` declares a flag
        from parking.stays.signals import may_leave
        from parking.texting import registering as texting
        from parking.valet import personal as valet
        from parking.valet import waiting
        from parking.vehicles import personal as vehicles
        from trufan.lib import sweeps
        from venues.devices import places
        from venues.devices.models import VenueDevice
        from venues.signals import currency_changing

        places.register(VenueDevice.Scope.GATE, ParkingLot.objects.all)
        story.connect()
        live.connect()
        stocks.register("parking", inventory_check.differences)
        currency_changing.connect(refuse_currency_change, dispatch_uid="parking.refuse_currency_change")
        personal_data.register("vehicles", export=vehicles.export, erase=vehicles.erase)
        sweeps.register("parking.blocks", blocks.end_past)

        personal_data.register("parking_reservations", export=personal.export, erase=personal.erase)
        orders_adopted.connect(personal.hand_over, dispatch_uid="parking.hand_over_reservations")
        sweeps.register("parking.changes", changing.lapse_due)
        sweeps.register("parking.no_shows", cancelling.give_up_no_shows)

        sweeps.register("parking.prices", reviewing.review_due)

        sweeps.register("parking.warnings", warning.warn)
        sweeps.register("parking.unpaid_extensions", lapsing.give_up_unpaid)

        personal_data.register("parking_stays", export=erasure.export, erase=erasure.erase)
        email_verified.connect(erasure.adopt_guest_stays, dispatch_uid="parking.adopt_guest_stays")
        orders_adopted.connect(erasure.hand_over_stays, dispatch_uid="parking.hand_over_stays")
        sweeps.register("parking.left_unseen", leaving.tidy_up)

        personal_data.register("parking_valet", export=valet.export, erase=valet.erase)
        may_leave.connect(waiting.paid, dispatch_uid="parking.wait_for_the_valet")
        forgetting.connect()
        texting.register()
