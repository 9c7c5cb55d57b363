"""What gunicorn does beside its command line: `gunicorn --config deploy/gunicorn.conf.py trufan.wsgi`.

Its workers count into one directory when `PROMETHEUS_MULTIPROC_DIR` names it; those that end hand over what they
counted. They tell Celery's workers of several things at once. What a worker has loaded is left alone by the collector
of garbage: going through all of it, to find that it is still wanted, was a third of the time of a request that makes
many objects.
"""

import gc
from typing import Any

from trufan.lib import shared_measures


def on_starting(server: Any) -> None:
    shared_measures.prepare()
    shared_measures.clear()


def post_worker_init(worker: Any) -> None:
    # Not before the program is loaded: it counts, and where to is only known by then.
    from trufan.lib import gathered_nudges

    gathered_nudges.begin()
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    from trufan.lib import gathered_nudges

    gathered_nudges.end()


def child_exit(server: Any, worker: Any) -> None:
    shared_measures.ended(worker.pid)
