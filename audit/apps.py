from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import console, sealing
        from trufan.lib import sweeps
        from trufan.lib.console import exporting
        from trufan.lib.importing import running

        exporting.listen(console.note_export)
        running.listen(console.note_import)
        sweeps.register("audit.seal", sealing.seal)
