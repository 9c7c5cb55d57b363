from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Programme"

    def ready(self) -> None:
        from events import announcements, signals
        from events.models import Event
        from events.receivers import refuse_currency_change
        from venues.devices import places
        from venues.devices.models import VenueDevice
        from venues.signals import currency_changing

        places.register(VenueDevice.Scope.SCAN, Event.objects.all)
        currency_changing.connect(refuse_currency_change, dispatch_uid="events.refuse_currency_change")
        signals.event_published.connect(announcements.published, dispatch_uid="events.announce_published")
        signals.event_cancelled.connect(announcements.cancelled, dispatch_uid="events.announce_cancelled")
        signals.event_completed.connect(announcements.completed, dispatch_uid="events.announce_completed")
