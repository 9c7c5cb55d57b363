"""Live updates between processes: one sells, another tells, through Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.conf import settings

from accounts.models import User
from orders.live import TOPIC
from orders.models import Order
from trufan.lib import live
from trufan.lib.live import publishing
from trufan.testing import TicketTypeFactory
from trufan.tests.live_server import watching
from trufan.tests.servers import Server, _environment, ask, servers
from trufan.tests.test_live import token

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]


class Stream:
    """A `stream` process, as in production, on the test database and Redis."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            sys.executable, "-m", "uvicorn", "trufan.asgi:application", "--port", str(self.port), "--lifespan", "on",
            "--ws", "websockets-sansio", "--ws-max-size", "4096", "--log-level", "error",
            "--timeout-graceful-shutdown", "3",
        ]  # fmt: skip
        environment = {**os.environ, **_environment(), "DJANGO_SETTINGS_MODULE": "trufan.settings"}
        self.process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
        for _ in range(200):
            try:
                if Server.get(self, "/health")[0] == 200:  # type: ignore[arg-type]
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the stream did not come up")

    connect = Server.connect

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) is not None


@pytest.fixture
def stream() -> Iterator[Stream]:
    running = Stream()
    yield running
    running.stop()


def test_what_a_guest_buys_at_one_process_is_told_by_another(stream):
    ticket_type = TicketTypeFactory()
    with servers(1) as (api,), watching(stream.port) as watcher:
        assert watcher.watch("event", ticket_type.event_id)["type"] == "subscribed"
        contact = {"email": "guest@example.com", "phone": "+12125550100", "name": "Guest"}
        cart = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}], "contact": contact}
        status, order = ask(api.connect(), "POST", "/api/v1/orders", cart)
        assert status == 201
        assert watcher.heard(10)["event"] == "ticket_type.stock_moved"

        code = order["access_code"]
        assert watcher.watch("order", order["id"], access_code="WRONG")["code"] == "not_found"
        assert watcher.watch("order", order["id"], access_code=code)["type"] == "subscribed"
        headers = {"X-Order-Access-Code": code}
        assert ask(api.connect(), "POST", f"/api/v1/orders/{order['id']}/pay", {}, headers)[0] == 200
        told = watcher.heard(10)
        assert (told["topic"], told["event"], told["data"]) == ("order", "order.paid", {"status": "paid"})
        assert told["event"] in TOPIC.events
    assert Order.objects.get().status == "paid"


def test_a_server_that_goes_down_says_so_and_the_next_goes_on(fay: User):
    ticket_type = TicketTypeFactory()
    first = Stream()
    with watching(first.port) as watcher:
        watcher.sign_in(token(fay))
        watcher.watch("event", ticket_type.event_id)
        first.stop()
        with pytest.raises(Exception, match="1012"):
            watcher.heard(10)
    second = Stream()
    try:
        with watching(second.port) as watcher:
            assert watcher.watch("event", ticket_type.event_id)["type"] == "subscribed"
            live.publish("event", ticket_type.pk, "ticket_type.changed")
            assert watcher.heard(10)["event"] == "ticket_type.changed"
    finally:
        second.stop()


def test_a_redis_that_is_gone_costs_the_seller_nothing(monkeypatch, event):
    from channels.layers import channel_layers
    from channels_redis.pubsub import RedisPubSubChannelLayer

    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))  # bound and never listening: refused
        host = {"address": f"redis://127.0.0.1:{shut.getsockname()[1]}/0", "socket_connect_timeout": 1}
        monkeypatch.setitem(channel_layers.backends, "default", RedisPubSubChannelLayer(hosts=[host]))
        began = time.monotonic()
        for _ in range(1000):
            live.publish("event", event.pk, "event.changed")
        assert time.monotonic() - began < 1
        publishing.outbox.flush(10)
        assert publishing.outbox._down_until > time.monotonic()
        assert not publishing.outbox._waiting
    publishing.outbox._down_until = 0.0
