from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import delivery, pruning
        from notifications.broadcasts import working
        from notifications.push import devices
        from notifications.sms import personal as sms
        from notifications.webhooks import sweeping
        from trufan.lib import queues, sweeps

        queues.register("notifications", delivery.waiting)
        queues.register("webhooks", sweeping.waiting)
        sweeps.register("notifications.broadcasts", working.sweep)
        sweeps.register("notifications.due", delivery.sweep_due)
        sweeps.register("webhooks.due", sweeping.hand_out)
        sweeps.register("webhooks.old", sweeping.prune)
        sweeps.register("notifications.old", pruning.sweep_old)
        sweeps.register("notifications.inbound", sms.forget)
        sweeps.register("notifications.devices", devices.forget)
