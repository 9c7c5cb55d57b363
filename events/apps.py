from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Programme"

    def ready(self) -> None:
        from events.receivers import refuse_currency_change
        from venues.signals import currency_changing

        currency_changing.connect(refuse_currency_change, dispatch_uid="events.refuse_currency_change")
