from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import console, sealing
        from trufan.lib import retention, sweeps
        from trufan.lib.console import exporting
        from trufan.lib.importing import running
        from trufan.lib.retention import Staying
        from trufan.lib.words import lazy as _

        exporting.listen(console.note_export)
        running.listen(console.note_import)
        sweeps.register("audit.seal", sealing.seal)
        retention.stays(
            Staying(
                "audit.trail",
                _("The audit trail: who did what, with IP address and browser"),
                _("It is sealed: an entry that is taken out or changed breaks the proof of all others."),
                ("audit.AuditLog.ip_address", "audit.AuditLog.user_agent"),
            )
        )
