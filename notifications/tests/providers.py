"""A mail provider on loopback: Postmark's and Resend's APIs as anymail's own back ends see them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MailProvider:
    """Answers the next of `answers` — (status, JSON), "hang", "drop" before or "take and drop" after taking it —
    and else takes the mail."""

    answers: list[tuple[int, dict[str, Any]] | str] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def take(self, mail: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.mails.append(mail)
        self.headers.append(headers)
        number = f"pm-{len(self.mails)}"
        return 200, {"ErrorCode": 0, "Message": "OK", "MessageID": number, "To": mail.get("To", ""), "id": number}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        provider: MailProvider = self.server.provider  # type: ignore[attr-defined]
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = provider.answers.pop(0) if provider.answers else None
        if answer == "hang":
            time.sleep(1)
        if answer == "take and drop":
            provider.take(mail, dict(self.headers))
        if isinstance(answer, str):
            self.close_connection = True
            return
        status, body = answer or provider.take(mail, dict(self.headers))
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def mail_provider() -> Iterator[MailProvider]:
    """The server, listening on `url` until the block ends."""
    stand_in = MailProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = stand_in  # type: ignore[attr-defined]
    stand_in.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
