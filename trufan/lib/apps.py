from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "trufan.lib"
    label = "trufan_lib"
    verbose_name = "Foundations"

    def ready(self) -> None:
        from trufan.lib import flag_checks, idempotency, retention  # noqa: F401  the checks register themselves
        from trufan.lib.idempotency_record import IdempotencyRecord
        from trufan.lib.importing import keeping
        from trufan.lib.retention import Kind
        from trufan.lib.words import lazy as _

        retention.declare(
            Kind(
                "idempotency_keys",
                _("Answers under an Idempotency-Key, with the caller's account or IP address"),
                _("The same request again gets the same answer."),
                idempotency.forget_old,
                retention.oldest_of(IdempotencyRecord.objects.all, "created_at"),
                term=_("24 hours"),
                fields=("trufan_lib.IdempotencyRecord.caller", "trufan_lib.IdempotencyRecord.response_body"),
            )
        )
        retention.declare(
            Kind(
                "kept_files",
                _("Files between their rehearsal and their import, and console sessions that are over"),
                _("Time to look at what an import would do."),
                keeping.forget_old,
                term=_("an hour; a session until it ends"),
                fields=("sessions.Session.session_data",),
            )
        )
