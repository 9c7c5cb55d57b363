from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import delivery
        from trufan.lib import sweeps

        sweeps.register("notifications.due", delivery.sweep_due)
