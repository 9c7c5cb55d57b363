"""What gunicorn does beside its command line: `gunicorn --config deploy/gunicorn.conf.py trufan.wsgi`.

Its workers count into one directory when `PROMETHEUS_MULTIPROC_DIR` names it; those that end hand over what they
counted. What a worker has loaded is left alone by the collector of garbage: going through all of it, to find that it is
still wanted, was a third of the time of a request that makes many objects.
"""

import gc
from typing import Any

from trufan.lib import shared_measures


def on_starting(server: Any) -> None:
    shared_measures.prepare()
    shared_measures.clear()


def post_worker_init(worker: Any) -> None:
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    shared_measures.ended(worker.pid)
