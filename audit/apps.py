from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import sealing
        from trufan.lib import sweeps

        sweeps.register("audit.seal", sealing.seal)
