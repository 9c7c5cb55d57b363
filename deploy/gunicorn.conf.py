"""What gunicorn does beside its command line: `gunicorn --config deploy/gunicorn.conf.py trufan.wsgi`.

Its workers count into one directory when `PROMETHEUS_MULTIPROC_DIR` names it; those that end hand over what they
counted.
"""

from typing import Any

from trufan.lib import shared_measures


def on_starting(server: Any) -> None:
    shared_measures.prepare()
    shared_measures.clear()


def child_exit(server: Any, worker: Any) -> None:
    shared_measures.ended(worker.pid)
