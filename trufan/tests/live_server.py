"""A real server of sockets within the test's process, and a client of `websockets` that speaks with it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.db import connections
from websockets.sync.client import ClientConnection, connect

from trufan.lib.live import hub


class SocketServer:
    """uvicorn on a thread of its own: what a rule publishes in the test reaches its sockets."""

    def __init__(self) -> None:
        from trufan import asgi

        static = ASGIStaticFilesHandler(asgi.http)  # a development server has them from the finders

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await (static if scope["type"] == "http" else asgi.application)(scope, receive, send)

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = uvicorn.Config(application, port=self.port, log_level="warning", lifespan="on", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        for _ in range(200):
            if self._server.started:
                return
            time.sleep(0.05)
        raise TimeoutError("the server did not come up")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        for _ in range(hub.CHECKS_AT_ONCE):
            hub._threads.submit(connections.close_all).result(timeout=10)


class Watcher:
    """One client. What it hears is kept in order; `heard` waits for the next."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def heard(self, seconds: float = 5) -> dict[str, Any]:
        """The next message. Raises `TimeoutError` when none comes, `ConnectionClosed` when it is over."""
        return json.loads(self.connection.recv(timeout=seconds))

    def ask(self, **message: Any) -> dict[str, Any]:
        self.say(**message)
        return self.heard()

    def sign_in(self, token: str) -> dict[str, Any]:
        return self.ask(type="authenticate", token=token)

    def watch(self, topic: str, pk: Any, **more: Any) -> dict[str, Any]:
        return self.ask(type="subscribe", topic=topic, id=str(pk), **more)

    def rest(self, seconds: float) -> list[dict[str, Any]]:
        """All that is still heard, until there is nothing for so long."""
        told = []
        with suppress(TimeoutError):
            while True:
                told.append(self.heard(seconds))
        return told

    def is_quiet(self, seconds: float = 0.6) -> bool:
        """Whether nothing is heard for so long."""
        try:
            self.heard(seconds)
        except TimeoutError:
            return True
        return False


@contextmanager
def watching(port: int, **options: Any) -> Iterator[Watcher]:
    with connect(f"ws://127.0.0.1:{port}/ws/v1/", **options) as connection:
        yield Watcher(connection)
