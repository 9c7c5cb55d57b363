"""Providers on loopback: a mail server that answers by address, and Twilio's API as its own client sees it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """Refuses a recipient with the answer of `answers`, and keeps what it took."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 accepted"


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """A real SMTP server, and Django told to use it."""
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    # aiosmtpd connects to the port it was told, so a port of the system's choosing has to be read back first.
    controller.port = _free_port()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    controller.stop()


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


@dataclass
class Twilio:
    """Answers as Twilio does: `answers` maps a number to a status and Twilio's own error code."""

    answers: dict[str, tuple[int, int]] = field(default_factory=dict)
    messages: list[dict[str, str]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, path: str, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append((path, authorization))
        if form["To"] in self.answers:
            status, code = self.answers[form["To"]]
            return status, {"code": code, "message": "no", "more_info": "", "status": status}
        self.messages.append(form)
        return 201, {"sid": f"SM{len(self.messages):032d}", "status": "queued", "to": form["To"]}


@pytest.fixture
def twilio(settings) -> Iterator[Twilio]:
    """A server on loopback that the real Twilio client talks to."""
    stand_in = Twilio()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            status, answer = stand_in.answer(self.path, self.headers["Authorization"], form)
            payload = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "token"
    settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = "+15005550006", ""
    settings.TWILIO_API_BASE = f"http://127.0.0.1:{server.server_port}"
    yield stand_in
    server.shutdown()
    server.server_close()


WORDS = {
    "greeting/subject.txt": "Hello {{ name }}",
    "greeting/body.txt": "Hello {{ name }},\n\nyour link: {{ link }}\n{{ site_url }}",
    "greeting/body.html": '{% extends "notifications/base.html" %}{% block title %}Hello {{ name }}{% endblock %}',
    "greeting/sms.txt": "Hello {{ name }}, your code is {{ code }}",
    "plain/subject.txt": "Plain",
    "plain/body.txt": "Only text, {{ name }}",
    "broken/subject.txt": "{% if %}",
    "broken/body.txt": "x",
    "headless/body.txt": "no subject",
    "faulty/subject.txt": "{% widthratio a b c %}{{ name|slice:'x' }}{% include missing %}",
    "faulty/body.txt": "x",
}


@pytest.fixture(autouse=True)
def words(settings, tmp_path: Path) -> None:
    """Templates of these tests' own, beside the real ones."""
    for name, content in WORDS.items():
        path = tmp_path / "notifications" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    engine = dict(settings.TEMPLATES[0])
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]}]
