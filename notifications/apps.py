from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import delivery, retaining
        from notifications.broadcasts import working
        from notifications.webhooks import sweeping
        from trufan.lib import queues, sweeps

        queues.register("notifications", delivery.waiting)
        queues.register("webhooks", sweeping.waiting)
        sweeps.register("notifications.broadcasts", working.sweep)
        sweeps.register("notifications.due", delivery.sweep_due)
        sweeps.register("webhooks.due", sweeping.hand_out)
        retaining.connect()
