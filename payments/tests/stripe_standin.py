"""A server on loopback that behaves as Stripe does, for tests through Stripe's own client.

It checks what it is sent, remembers every answer by its idempotency key, and fails when it is told to. Its webhooks
are handed out to the test, which delivers them once, twice, late, out of order or never.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from payments.tests.stripe_book import Book, Refusal, check, invalid
from payments.tests.stripe_connect import Connect

API_KEY = "sk_test_standin"
API_VERSION = "2026-10-28.endive"
SECRETS = ["whsec_former", "whsec_present"]
THIN_SECRETS = ["whsec_thin_former", "whsec_thin_present"]
#: What the caller's key begins with, where it had to be stored before the call.
STORED_KEYS = ("payment-", "refund-", "dispute-", "account-", "transfer-", "reversal-")
#: What it can be told to do wrong. The first three do the work, or most of it, before they fail.
FAULTS = {"drop", "hang", "500 after the work", "500", "429", "401", "drop before the work"}

ROUTES: list[tuple[str, re.Pattern[str], str]] = [
    ("POST", re.compile(r"/v1/payment_intents"), "create"),
    ("GET", re.compile(r"/v1/payment_intents"), "list_intents"),
    ("GET", re.compile(r"/v1/payment_intents/(\w+)"), "retrieve"),
    ("POST", re.compile(r"/v1/payment_intents/(\w+)"), "update"),
    ("POST", re.compile(r"/v1/payment_intents/(\w+)/confirm"), "confirm"),
    ("POST", re.compile(r"/v1/payment_intents/(\w+)/cancel"), "cancel"),
    ("POST", re.compile(r"/v1/refunds"), "refund"),
    ("GET", re.compile(r"/v1/refunds"), "list_refunds"),
    ("GET", re.compile(r"/v1/refunds/(\w+)"), "retrieve"),
    ("GET", re.compile(r"/v1/disputes"), "list_disputes"),
    ("GET", re.compile(r"/v1/disputes/(\w+)"), "retrieve"),
    ("POST", re.compile(r"/v1/disputes/(\w+)"), "answer"),
    ("POST", re.compile(r"/v1/disputes/(\w+)/close"), "close"),
]

Answer = tuple[int, dict[str, Any], dict[str, str]]


class StripeStandIn:
    """Start it with `with`; `url` goes into STRIPE_API_BASE."""

    def __init__(self) -> None:
        self.book = Book(time.time)
        self.connect = Connect(self.book)
        self.lock = Lock()
        self.answers: dict[str, tuple[str, dict[str, Any], Answer]] = {}
        self.busy: set[str] = set()
        self.faults: deque[tuple[str, str]] = deque()
        self.requests: list[tuple[str, str, str]] = []
        self.hang_seconds = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> StripeStandIn:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *failure: Any) -> None:
        self.server.shutdown()
        self.server.server_close()

    # --- What a test does with it ---

    def fail(self, fault: str, times: int = 1, on: str = "") -> None:
        """Let the next requests go wrong; `on`: those of which "method path" begins so."""
        assert fault in FAULTS, fault
        self.faults.extend([(fault, on)] * times)

    def forget_keys(self) -> None:
        """A day goes by, after which a known key is an unknown one."""
        with self.lock:
            self.answers.clear()

    def confirm_in_browser(self, intent_id: str, method: str, secret: str) -> str:
        """The payer's own step with Stripe's script; returns the intent's status."""
        with self.lock:
            intent = self.book.intents[intent_id]
            assert secret == intent["client_secret"]
            try:
                self.book.confirm(intent, {"payment_method": method})
            except Refusal as decline:
                assert decline.status == 402, decline.message
            return intent["status"]

    def authenticate(self, intent_id: str, *, succeeds: bool = True) -> None:
        """The payer answers the bank's question."""
        with self.lock:
            intent = self.book.intents[intent_id]
            assert intent["status"] == "requires_action", intent["status"]
            if succeeds:
                self.book.collect(intent)
            else:
                message = "We are unable to authenticate your payment method."
                self.book.decline(intent, "payment_intent_authentication_failure", None, message)

    def bank_answers(self, intent_id: str, *, succeeds: bool = True) -> None:
        """A delayed method comes to its end."""
        with self.lock:
            intent = self.book.intents[intent_id]
            assert intent["status"] == "processing", intent["status"]
            if succeeds:
                self.book.collect(intent)
            else:
                self.book.decline(intent, "payment_method_provider_decline", None, "The bank refused.")

    def end_refund(self, refund_id: str, status: str) -> None:
        """A refund that was pending, or that its bank sends back, comes to its end."""
        with self.lock:
            made = self.book.refunds[refund_id]
            made.update(status=status, failure_reason="expired_or_canceled_card" if status == "failed" else None)
            self.book.tell("refund.failed" if status == "failed" else "refund.updated", made)

    def open_dispute(self, intent_id: str, amount: int | None = None, *, status: str = "needs_response") -> str:
        """The payer goes to the bank, about all or a part of it; returns the dispute's id."""
        with self.lock:
            intent = self.book.intents[intent_id]
            made: dict[str, Any] = self.book.open_dispute(intent, amount or intent["amount"], status)
        return str(made["id"])

    def close_dispute(self, dispute_id: str, status: str) -> None:
        """The bank decides, or takes another step."""
        with self.lock:
            self.book.decide(self.book.disputes[dispute_id], status)

    def collected(self) -> list[int]:
        """The amounts that really left somebody's account."""
        return [charge["amount"] for charge in self.book.charges.values() if charge["status"] == "succeeded"]

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        return [event for event in self.book.events if not kinds or event["type"] in kinds]

    def signed(self, event: Any, secret: str = SECRETS[-1], at: float | None = None) -> tuple[bytes, dict[str, str]]:
        """The bytes and headers under which Stripe sends an event."""
        raw = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
        header = stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, int(at or time.time()))
        return raw, {"Stripe-Signature": header}

    # --- What it does with a request ---

    def answer(self, method: str, path: str, params: dict[str, Any], headers: Any) -> tuple[Answer, str]:
        """The answer, and the fault on the way back, if any."""
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        with self.lock:
            self.requests.append((method, path, key))
            is_due = self.faults and f"{method} {path}".startswith(self.faults[0][1])
            fault = self.faults.popleft()[0] if is_due else ""
            try:
                self._admit(method, path, headers, key, fault)
                if kept := self._kept(method, key, path, params):
                    return kept, fault
            except Refusal as refusal:
                return (refusal.status, refusal.body(), {}), fault
            if fault == "drop before the work":
                return (0, {}, {}), fault
            if fault == "500":
                given: Answer = _broken()
            else:
                given = self._work(method, path, params)
            if key:
                self._keep(key, path, params, given, fault)
            return (_broken() if fault == "500 after the work" else given), fault

    def _keep(self, key: str, path: str, params: dict[str, Any], given: Answer, fault: str) -> None:
        """Under /v1 whatever was answered; under /v2 what was done, since what failed is tried again."""
        if path.startswith("/v2/"):
            if given[0] >= 400:
                return
        elif fault == "500 after the work":
            given = _broken()
        self.answers[key] = (path, params, json.loads(json.dumps(given)))

    def _admit(self, method: str, path: str, headers: Any, key: str, fault: str) -> None:
        if fault == "429":
            raise Refusal(429, "invalid_request_error", "Too many requests.", "rate_limit")
        if fault == "401" or headers.get("Authorization") != f"Bearer {API_KEY}":
            raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")
        if headers.get("Stripe-Version") != API_VERSION:
            raise invalid(f"Invalid Stripe API version: {headers.get('Stripe-Version')}")
        # A link is made anew each time, under whatever key.
        if method == "POST" and not key.startswith(STORED_KEYS) and not path.endswith("/account_links"):
            raise invalid("The stand-in wants a key that the caller had stored.", param="Idempotency-Key")

    def _kept(self, method: str, key: str, path: str, params: dict[str, Any]) -> Answer | None:
        if key not in self.answers:
            return None
        kept_path, kept_params, (status, body, headers) = self.answers[key]
        if (kept_path, kept_params) != (path, params):
            message = "Keys for idempotent requests can only be used with the same parameters."
            raise Refusal(400, "idempotency_error", message)
        return status, body, {**headers, "Idempotent-Replayed": "true"}

    def _work(self, method: str, path: str, params: dict[str, Any]) -> Answer:
        try:
            return 200, json.loads(json.dumps(self._route(method, path, params))), {}
        except Refusal as refusal:
            return refusal.status, refusal.body(), {}

    def _route(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if (answer := self.connect.route(method, path, params)) is not None:
            return answer
        for allowed, pattern, operation in ROUTES:
            found = pattern.fullmatch(path)
            if not (allowed == method and found):
                continue
            check(operation, params)
            if operation == "list_intents":
                return self.book.page(self.book.intents.values(), params, path)
            if operation == "list_refunds":
                of = params.get("payment_intent")
                rows = self.book.refunds_of(of) if of else self.book.refunds.values()
                return self.book.page(rows, params, path)
            if path.startswith("/v1/disputes"):
                return self._route_dispute(operation, found, path, params)
            if not found.groups():
                return getattr(self.book, operation)(params)
            is_refund = path.startswith("/v1/refunds")
            rows = self.book.refunds if is_refund else self.book.intents
            row = self.book.find(rows, "refund" if is_refund else "payment_intent", found[1])
            return row if operation == "retrieve" else getattr(self.book, operation)(row, params)
        raise invalid(f"Unrecognized request URL ({method}: {path}).", status=404)

    def _route_dispute(self, operation: str, found: Any, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "list_disputes":
            intent_id = params.get("payment_intent")
            rows = self.book.disputes_of(intent_id) if intent_id else self.book.disputes.values()
            page = self.book.page(rows, params, path)
            return {**page, "data": [self._expanded(row, params, "data.") for row in page["data"]]}
        row = self.book.find(self.book.disputes, "dispute", found[1])
        return self._expanded(row if operation == "retrieve" else getattr(self.book, operation)(row, params), params)

    def _expanded(self, dispute: dict[str, Any], params: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        wanted = params.get("expand", [])
        intent = self.book.intents[dispute["payment_intent"]]
        return {**dispute, "payment_intent": intent} if f"{prefix}payment_intent" in wanted else dispute

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self.respond(*standin.answer("GET", parts.path, _asked(parts.query), self.headers))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                is_json = self.headers.get("Content-Type", "").startswith("application/json")
                params = json.loads(body) if is_json else _asked(body)
                self.respond(*standin.answer("POST", urlsplit(self.path).path, params, self.headers))

            def respond(self, answer: Answer, fault: str) -> None:
                self.close_connection = True
                if fault.startswith("drop"):
                    return
                if fault == "hang":
                    time.sleep(standin.hang_seconds)
                status, body, headers = answer
                raw = json.dumps(body).encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(raw)))
                    self.send_header("Request-Id", f"req_{len(standin.requests)}")
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(raw)
                except ConnectionError:
                    return  # Whoever asked has hung up.

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


def _broken() -> Answer:
    """Stripe keeps such an answer under the key, and says that trying again is of no use."""
    error = Refusal(500, "api_error", "An unknown error occurred.")
    return 500, error.body(), {"Stripe-Should-Retry": "false"}


def _asked(text: str) -> dict[str, Any]:
    """A query's parameters; `include[0]=requirements` is a list."""
    params = _nested(text)
    return {
        name: list(value.values()) if isinstance(value, dict) and all(map(str.isdigit, value)) else value
        for name, value in params.items()
    }


def _nested(text: str) -> dict[str, Any]:
    """`metadata[order]=1` as `{"metadata": {"order": "1"}}`."""
    params: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        if rest:
            params.setdefault(first, {})[rest[0]] = value
        else:
            params[first] = value
    return params
