"""docs/webhooks.md is all that somebody needs: its receiver runs, and its list is what is told."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from notifications.models import WebhookAttempt, WebhookMessage
from notifications.webhooks import delivery, guide, kinds
from notifications.webhooks.tests.conftest import Endpoint
from notifications.webhooks.tests.receiver import closed_port

PAGE = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()


def test_the_guide_lists_every_type_as_it_is_told():
    assert PAGE.partition("## Everything that is told\n\n")[2].strip() == guide.types().strip()


def test_the_command_prints_that_list():
    printed = StringIO()
    call_command("webhook_types", stdout=printed)
    assert printed.getvalue().strip() == guide.types().strip()


def test_every_type_is_named_by_what_and_what_happened_and_says_nothing_of_people():
    for kind in [*kinds.known(), kinds.ping()]:
        assert re.fullmatch(r"ping|[a-z]+\.[a-z_]+", kind.name)
        assert kind.description.endswith(".")
        assert 0 < len(kind.summary) <= 90 and "`" not in kind.summary
        assert not re.search(r"email|phone|holder|contact|plate\b|vehicle", str(kind.example))


@pytest.fixture
def written(tmp_path, nearby, venue):
    """The guide's receiver, in a process of its own, and the endpoint that it stands for."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    port = closed_port()
    endpoint = Endpoint(venue, f"http://127.0.0.1:{port}/trufan")
    file = tmp_path / "receiver.py"
    file.write_text(program)
    command = [sys.executable, str(file), endpoint.secret, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield endpoint, process, port
    process.terminate()
    process.wait(timeout=10)


def test_its_receiver_takes_what_is_ours_once_and_nothing_else(written, now):
    endpoint, process, port = written
    body = '{"type":"order.paid","timestamp":"2026-11-20T18:02:11.402Z","data":{"name":"Zoë"}}'
    row = WebhookMessage.objects.create(endpoint=endpoint.row, type="order.paid", body=body, next_attempt_at=now)
    assert delivery.deliver(row.pk, now).status == "delivered"
    WebhookMessage.objects.update(status="pending", next_attempt_at=now)
    assert delivery.deliver(row.pk, now).status == "delivered"
    assert list(WebhookAttempt.objects.values_list("status_code", flat=True)) == [204, 204]

    forged = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
    forged.request("POST", "/trufan", body.encode(), headers)
    assert forged.getresponse().status == 400

    process.terminate()
    assert process.communicate(timeout=10)[0] == "order.paid {'name': 'Zoë'}\n"
