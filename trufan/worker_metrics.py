"""What a worker counted, for Prometheus: a worker serves no requests, so it has a port of its own.

Set `WORKER_METRICS_PORT`. The same token as for `/metrics`; without one it listens to this machine only. It tells of
the worker's processes alone, from the directory that they share: queues and holds are any server's to tell.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from trufan.lib import shared_measures
from trufan.metrics import shows_token


def start() -> ThreadingHTTPServer | None:
    """Listen, where a port is set. Raises `ImproperlyConfigured` without a directory to count in, as the processes that
    do the work are others than the one that tells of it."""
    if not settings.WORKER_METRICS_PORT:
        return None
    if not settings.METRICS_DIRECTORY:
        raise ImproperlyConfigured(f"WORKER_METRICS_PORT needs {shared_measures.VARIABLE}.")
    address = "0.0.0.0" if settings.METRICS_TOKEN else "127.0.0.1"  # noqa: S104  a token guards it  # nosec B104
    server = ThreadingHTTPServer((address, settings.WORKER_METRICS_PORT), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    #: An idle caller is not waited for.
    timeout = 10

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
        elif settings.METRICS_TOKEN and not shows_token(self.headers.get("Authorization", "")):
            self.send_error(401)
        else:
            self._tell()

    def _tell(self) -> None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        body = generate_latest(registry)
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape every few seconds is no news."""
