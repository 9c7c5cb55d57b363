from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import console, sealing
        from trufan.lib import sweeps
        from trufan.lib.console import exporting

        exporting.listen(console.note_export)
        sweeps.register("audit.seal", sealing.seal)
