from celery.signals import beat_init, worker_init
from django.apps import AppConfig

from trufan.lib import words
from trufan.lib.words import ours


class TrufanConfig(AppConfig):
    name = "trufan"
    verbose_name = "TruFan"

    def ready(self) -> None:
        words.of_models(ours())
        from trufan import broker, live, startup  # which imports, and so registers, the checks
        from trufan.lib import queues

        live.connect()
        queues.register("tasks", broker.depth)
        worker_init.connect(startup.prepare_worker, dispatch_uid="trufan.prepare_worker")
        beat_init.connect(startup.prepare_scheduler, dispatch_uid="trufan.prepare_scheduler")
