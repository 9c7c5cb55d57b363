from celery.signals import beat_init, worker_init, worker_process_shutdown
from django.apps import AppConfig

from trufan.lib import words
from trufan.lib.words import ours


class TrufanConfig(AppConfig):
    name = "trufan"
    verbose_name = "TruFan"

    def ready(self) -> None:
        words.of_models(ours())
        from trufan import broker, facts, live, startup  # which imports, and so registers, the checks
        from trufan.lib import measuring, queues

        live.connect()
        facts.connect()
        measuring.connect()
        queues.register("tasks", broker.depth)
        worker_process_shutdown.connect(startup.end_worker_process, dispatch_uid="trufan.end_worker_process")
        worker_init.connect(startup.prepare_worker, dispatch_uid="trufan.prepare_worker")
        beat_init.connect(startup.prepare_scheduler, dispatch_uid="trufan.prepare_scheduler")
