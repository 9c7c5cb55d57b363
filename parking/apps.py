from django.apps import AppConfig


class ParkingConfig(AppConfig):
    name = "parking"
    verbose_name = "Parking"

    def ready(self) -> None:
        from accounts import personal_data
        from orders.signals import orders_adopted
        from parking.booking import cancelling, changing, personal, quoting
        from parking.stays import lapsing, warning
        from trufan.lib import sweeps

        personal_data.register("parking_reservations", export=personal.export, erase=personal.erase)
        orders_adopted.connect(personal.hand_over, dispatch_uid="parking.hand_over_reservations")
        sweeps.register("parking.offers", quoting.forget_unsold)
        sweeps.register("parking.changes", changing.lapse_due)
        sweeps.register("parking.no_shows", cancelling.give_up_no_shows)

        sweeps.register("parking.warnings", warning.warn)
        sweeps.register("parking.unpaid_extensions", lapsing.give_up_unpaid)
