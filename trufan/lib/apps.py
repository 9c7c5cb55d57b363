from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "trufan.lib"
    label = "trufan_lib"
    verbose_name = "Foundations"

    def ready(self) -> None:
        from trufan.lib import idempotency, sweeps
        from trufan.lib.importing import keeping

        sweeps.register("idempotency_keys", idempotency.forget_old)
        sweeps.register("kept_files", keeping.forget_old)
