"""Push services on loopback: one for browsers, and Firebase with the server that gives out its tokens."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone

from accounts.models import User
from notifications.models import Device
from notifications.push import devices, vapid
from notifications.tests.conftest import words as words


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Service:
    """Answers each request with the next of `answers`, then with its usual one. `hang` is silence."""

    usual: tuple[int, dict[str, str], bytes]
    answers: list[tuple[int, dict[str, str], bytes] | str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    base: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def refuse(self, status: int, body: Any = "") -> None:
        """The next request is answered so."""
        payload = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, {}, payload.encode()))


def serve(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.requests.append(Request(self.path, headers, body))
            answer = service.answers.pop(0) if service.answers else service.usual
            if isinstance(answer, str):
                service.over.wait(10)
                self.close_connection = True
                return
            status, more, payload = answer
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def do_GET(self) -> None:
            """Where a redirect that was followed would arrive."""
            service.requests.append(Request(f"GET {self.path}", {}, b""))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service.base = f"http://127.0.0.1:{server.server_port}"
    yield service
    service.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(settings) -> Iterator[Service]:
    """A browser's push service, and our keys."""
    settings.PUSH_SERVICES = [*settings.PUSH_SERVICES, "127.0.0.1"]
    settings.VAPID_PUBLIC_KEY, settings.VAPID_PRIVATE_KEY = vapid.make()
    settings.VAPID_SUBJECT = "mailto:push@example.com"
    yield from serve(Service(usual=(201, {"Location": "/message/1"}, b"")))


@dataclass
class Browser:
    """What a browser keeps of its subscription."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes ok"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": vapid.public_of(self.key), "auth": vapid.written(self.secret)}

    def read(self, request: Request) -> dict[str, Any]:
        """What a service worker gets."""
        assert request.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(request.body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return json.loads(plain)


@pytest.fixture
def browser(service: Service) -> Browser:
    return Browser(f"{service.base}/push/abc")


@pytest.fixture
def device(browser: Browser, fay: User) -> Device:
    return devices.register(fay, kind="web", token=browser.endpoint, keys=browser.keys, now=timezone.now())[0]


def claims_of(request: Request, public_key: str) -> dict[str, Any]:
    """What the VAPID token says, its signature checked with the key that the header names."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert parts["k"] == public_key
    point = base64.urlsafe_b64decode(public_key + "=" * (-len(public_key) % 4))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    audience = f"http://{request.headers['host']}"
    return jwt.decode(parts["t"], key, algorithms=["ES256"], audience=audience)


#: Whom google-auth addresses, wherever the account says that its tokens are given out.
AUDIENCE = "https://oauth2.googleapis.com/token"


@dataclass
class Firebase:
    api: Service
    tokens: Service
    key: rsa.RSAPrivateKey

    def assertion(self) -> dict[str, Any]:
        """How we asked for the last token, its signature checked."""
        form = parse_qs(self.tokens.requests[-1].body.decode())
        public = self.key.public_key()
        return jwt.decode(form["assertion"][0], public, algorithms=["RS256"], audience=AUDIENCE)


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def firebase(settings, rsa_key) -> Iterator[Firebase]:
    """Firebase, where `FCM_CREDENTIALS` are a service account of these tests' own."""
    granted = json.dumps({"access_token": "granted", "expires_in": 3600, "token_type": "Bearer"}).encode()
    named = json.dumps({"name": "projects/trufan-test/messages/0:77"}).encode()
    as_json = {"Content-Type": "application/json"}
    apis, tokens = serve(Service((200, as_json, named))), serve(Service((200, as_json, granted)))
    there = Firebase(next(apis), next(tokens), rsa_key)
    pem = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.FCM_API_BASE = there.api.base
    settings.FCM_CREDENTIALS = json.dumps(
        {
            "type": "service_account",
            "project_id": "trufan-test",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "push@trufan-test.iam.gserviceaccount.com",
            "token_uri": f"{there.tokens.base}/token",
        }
    )
    yield there
    for each in (apis, tokens):
        next(each, None)


@pytest.fixture(autouse=True)
def push_words(words, settings) -> None:
    """A template with words for a push."""
    path = settings.TEMPLATES[0]["DIRS"][-1] / "notifications/nudge/push.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Hello {{ name }}\n{{ said }}")
