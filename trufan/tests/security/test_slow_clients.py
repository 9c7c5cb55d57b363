"""Clients that send their request a byte at a time cost a socket each, and nobody else's answer."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from trufan.tests.live_server import SocketServer

pytestmark = pytest.mark.django_db(transaction=True)
#: More than a process has threads for requests.
MANY = 120
HEAD = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server() -> Iterator[SocketServer]:
    running = SocketServer()
    yield running
    running.stop()


@pytest.mark.parametrize("begun", [HEAD, HEAD + b'Content-Length: 1000\r\n\r\n{"email"'], ids=["headers", "bodies"])
def test_half_sent_requests_hold_nobody_up(server: SocketServer, begun: bytes) -> None:
    with ExitStack() as held:
        for _ in range(MANY):
            one = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            one.sendall(begun)
        with urllib.request.urlopen(f"{server.url}/health", timeout=20) as answer:  # noqa: S310  our own
            assert answer.status == 200
