"""Providers on loopback: a mail server that answers by address, and Twilio's API as its own client sees it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """Refuses a recipient by `answers`, a mail by the next of `at_the_end`, and keeps what it took."""

    #: Takes the mail and closes the connection instead of saying so.
    HANG_UP = "hang up"
    #: Says nothing until the other side is gone; the mail is not taken.
    HANG = "hang"
    answers: dict[str, str] = field(default_factory=dict)
    at_the_end: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    #: Set once a mail is held back.
    reached: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.at_the_end.pop(0) if self.at_the_end else "250 accepted"
        if answer == self.HANG:
            self.reached.set()
            await asyncio.sleep(300)
        if answer in ("250 accepted", self.HANG_UP):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if answer == self.HANG_UP:
            server.transport.abort()
        return answer


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """A real SMTP server, and Django told to use it."""
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    # aiosmtpd connects to the port it was told, so a port of the system's choosing has to be read back first.
    controller.port = handler.port = _free_port()
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
    """Answers as Twilio does: `answers` maps a number to a status and Twilio's own error code.

    `mishaps` are what happens to the next sends, one each: `drop` and `hang` take the message and cut the connection,
    or are silent for longer than anybody waits; `drop_before` and `hang_before` do so without having taken it.
    """

    answers: dict[str, tuple[int, int]] = field(default_factory=dict)
    messages: list[dict[str, str]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    lookups: list[dict[str, str]] = field(default_factory=list)
    mishaps: list[str] = field(default_factory=list)
    is_deaf_to_lookups: bool = False

    def answer(self, path: str, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append((path, authorization))
        if form["To"] in self.answers:
            status, code = self.answers[form["To"]]
            return status, {"code": code, "message": "no", "more_info": "", "status": status}
        self.messages.append(form)
        return 201, {"sid": self.sid(len(self.messages)), "status": "queued", "to": form["To"]}

    @staticmethod
    def sid(number: int) -> str:
        """The id of the message that was taken as the nth."""
        return f"SM{number:032d}"

    def listed(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A page of what was sent to a number, the newest first."""
        self.lookups.append(query)
        if self.is_deaf_to_lookups:
            return 503, {"code": 20503, "message": "no", "more_info": "", "status": 503}
        rows = [
            {
                "sid": self.sid(number),
                "to": form["To"],
                "from": form.get("From"),
                "messaging_service_sid": form.get("MessagingServiceSid"),
                "body": form["Body"],
                "status": "queued",
                "date_created": format_datetime(datetime.now(UTC), usegmt=True),
            }
            for number, form in enumerate(self.messages, 1)
            if form["To"] == query["To"]
        ]
        return 200, {"messages": rows[::-1], "next_page_uri": None, "page": 0, "page_size": 50}


@pytest.fixture
def twilio(settings) -> Iterator[Twilio]:
    """A server on loopback that the real Twilio client talks to."""
    stand_in, over = Twilio(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            mishap = stand_in.mishaps.pop(0) if stand_in.mishaps else ""
            if mishap in ("", "drop", "hang"):
                status, answer = stand_in.answer(self.path, self.headers["Authorization"], form)
            if mishap.startswith("hang"):
                over.wait(10)
            if mishap:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._reply(status, answer)

        def do_GET(self) -> None:
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            self._reply(*stand_in.listed(query))

        def _reply(self, status: int, answer: dict[str, Any]) -> None:
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
    over.set()
    server.shutdown()
    server.server_close()


WORDS = {
    "greeting/subject.txt": "Hello {{ name }}",
    "greeting/body.txt": "Hello {{ name }},\n\nyour link: {{ link }}\n{{ site_url }}",
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


@pytest.fixture
def make_files(monkeypatch) -> Any:
    """Registers a maker of attachments called `probe`, for this test alone."""
    from notifications import attachments

    def use(maker: Any) -> None:
        monkeypatch.setitem(attachments._makers, "probe", maker)

    return use
