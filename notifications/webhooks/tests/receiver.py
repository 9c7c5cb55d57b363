"""A venue's own system as tests have it: a real server on loopback that keeps what it was sent and answers as told."""

from __future__ import annotations

import datetime as dates
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OK = (204, {}, b"")


@dataclass
class Received:
    """One request as it came: headers by their names in small letters, the body byte by byte."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are given in turn, the last one for ever: `(status, headers, body)`, or one of the words below.

    `hang` says nothing, `drop` reads the request and closes, `drip` answers a byte at a time without an end, `trickle`
    gives its status at once and drips the body, `flood` sends without an end, `rubbish` speaks no HTTP.
    """

    answers: list[Any] = field(default_factory=lambda: [OK])
    received: list[Received] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"
    scheme: str = "http"
    closing: threading.Event = field(default_factory=threading.Event)
    #: Called with each request before it is answered.
    meanwhile: Any = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hooks?from=trufan"

    def take(self, request: Received) -> Any:
        self.received.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Received(self.path, headers, body))
        if self.receiver.meanwhile:
            self.receiver.meanwhile()
        self.close_connection = True
        if isinstance(answer, str):
            getattr(self, f"_{answer}")()
            return
        status, more, content = answer
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang(self) -> None:
        self.receiver.closing.wait(30)

    def _drop(self) -> None:
        """Nothing: the connection closes once this returns."""

    def _drip(self) -> None:
        self._slowly(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 5000)

    def _trickle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        self._slowly(b"b" * 5000)

    def _slowly(self, text: bytes) -> None:
        for number in range(len(text)):
            if self.receiver.closing.is_set():
                return
            self.wfile.write(text[number : number + 1])
            self.wfile.flush()
            time.sleep(0.05)

    def _flood(self) -> None:
        self.wfile.write(b"HTTP/1.1 500 Oh\r\n\r\n")
        while not self.receiver.closing.is_set():
            self.wfile.write(b"c" * 65536)

    def _rubbish(self) -> None:
        self.wfile.write(b"\x00\x01 no http at all\r\n\r\n")

    def log_message(self, *args: Any) -> None:
        """Tests print nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def receiving(*answers: Any, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Receiver]:
    """A receiver on a free port, stopped afterwards."""
    receiver = Receiver(list(answers) or [OK], host=host, scheme="https" if tls else "http")
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for the name, and the file by which a client trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))])
    now = dates.datetime.now(dates.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dates.timedelta(days=1))
        .not_valid_after(now + dates.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
