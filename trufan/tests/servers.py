"""Real server processes on the test database, for tests of what only several processes can get wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.db import connection


class Server:
    """One gunicorn with workers of its own, in a process group of its own, so that all of it can be killed."""

    def __init__(self, workers: int = 1, threads: int = 8, extra: tuple[str, ...] = (), **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            sys.executable, "-m", "gunicorn", "trufan.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers",
            str(workers), "--threads", str(threads), "--worker-class", "gthread", "--log-level", "error", *extra,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **_environment(), **environment},
            cwd=settings.BASE_DIR,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                if self.get("/health")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server did not come up")

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> tuple[int, Any]:
        return ask(self.connect(), "GET", path)

    def kill(self) -> None:
        """kill -9, workers and all, in the middle of whatever they do."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)


@contextmanager
def servers(count: int, **options: Any) -> Iterator[list[Server]]:
    """`count` servers on the test database, stopped afterwards."""
    running: list[Server] = []
    try:
        running.extend(Server(**options) for _ in range(count))
        yield running
    finally:
        for server in running:
            server.stop()


def ask(
    caller: HTTPConnection, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """One request → (status, JSON)."""
    payload = None if body is None else json.dumps(body)
    caller.request(method, path, payload, {"Content-Type": "application/json", **(headers or {})})
    answer = caller.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def _environment() -> dict[str, str]:
    """As a server runs, pool included, but on the test database, with mail into nothing, and without the rate limit
    that all callers of one address would share."""
    database = connection.settings_dict
    return {
        "DJANGO_ENV": "development",
        "DEBUG": "false",
        "DATABASE_URL": (
            f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
            f"/{database['NAME']}"
        ),
        "EMAIL_URL": "dummymail://",
        "CELERY_BROKER_URL": "",
        "RATE_LIMIT_PER_MINUTE": "0",
        "LOG_LEVEL": "ERROR",
    }
