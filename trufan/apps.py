from celery.signals import beat_init, worker_init
from django.apps import AppConfig


class TrufanConfig(AppConfig):
    name = "trufan"
    verbose_name = "TruFan"

    def ready(self) -> None:
        from trufan import startup  # which imports, and so registers, the checks

        worker_init.connect(startup.prepare_worker, dispatch_uid="trufan.prepare_worker")
        beat_init.connect(startup.prepare_scheduler, dispatch_uid="trufan.prepare_scheduler")
