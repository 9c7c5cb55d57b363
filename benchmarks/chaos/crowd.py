"""Fans, door, kitchen, gate and box office as threads, each of which asks again as a good client does."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from benchmarks.chaos.journal import Journal
from benchmarks.chaos.parts import Venue

#: Seconds after which a client gives up.
PATIENCE = 90
CARDS = ["pm_card_visa"] * 14 + ["pm_card_chargeDeclined"] * 3 + ["pm_card_refundFail", "pm_card_pendingRefund"]
#: What a client may be told in such a night: what it asks again after, and refusals that are the truth.
AGAIN = {429, 500, 502, 503, 504}


class Crowd:
    """Runs until `over`; then every client ends what it began."""

    def __init__(self, venue: Venue, journal: Journal, seed: str, over: threading.Event) -> None:
        self.venue, self.journal, self.seed, self.over = venue, journal, seed, over
        self.at_door: deque[str] = deque()
        self.orders: deque[str] = deque()
        self.cars: deque[str] = deque()
        self.inside: deque[str] = deque()
        self.staff = self._sign_in()

    def run(self, buyers: int) -> None:
        roles: list[Callable[[Client], None]] = [Client.buy] * buyers + [Client.scan] * 2 + [Client.cook]
        roles += [Client.let_in, Client.let_out, Client.give_back]
        threads = [threading.Thread(target=self._work, args=(number, role)) for number, role in enumerate(roles)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, number: int, role: Callable[[Client], None]) -> None:
        client = Client(self, random.Random(f"client {number} {self.seed}"))
        while not self.over.is_set():
            try:
                role(client)
            except GaveUp as patience:
                self.journal.surprised(f"gave up: {patience}")
            except Exception as error:  # noqa: BLE001  whatever breaks a client is a finding of the run
                self.journal.surprised(f"{role.__name__}: {type(error).__name__}: {error}")
            time.sleep(client.dice.uniform(0.05, 0.5))

    def _sign_in(self) -> dict[str, str]:
        given = {"email": self.venue.seeded["manager"], "password": self.venue.seeded["password"]}
        answer = requests.post(f"{self.venue.url}/api/v1/auth/login", json=given, timeout=30)
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class GaveUp(Exception):
    """Nobody answered for as long as a client waits."""


class Client:
    """One device. A method is one errand."""

    def __init__(self, crowd: Crowd, dice: random.Random) -> None:
        self.crowd, self.dice, self.journal = crowd, dice, crowd.journal
        self.seeded, self.session = crowd.venue.seeded, requests.Session()

    def ask(self, method: str, path: str, body: Any = None, who: dict[str, str] | None = None) -> tuple[int, Any]:
        """Ask until there is an answer: the same request under the same key."""
        headers = {**(who or {}), "Idempotency-Key": uuid.uuid4().hex} if method == "POST" else who
        until, pause = time.monotonic() + PATIENCE, 0.2
        while time.monotonic() < until:
            try:
                answer = self.session.request(
                    method, f"{self.crowd.venue.url}/api/v1{path}", json=body, headers=headers, timeout=30
                )
                self.journal.answered(answer.status_code)
                told = answer.json() if answer.content else None
            except (requests.RequestException, ValueError):
                self.journal.answered(0)
                answer = None
            if answer is not None:
                if answer.status_code == 500:
                    self.journal.surprised(f"500 {method} {path}: {answer.text[:200]}")
                code = told.get("error", {}).get("code") if isinstance(told, dict) and told.get("error") else ""
                if answer.status_code not in AGAIN and code != "idempotency_in_progress":
                    return answer.status_code, told
            time.sleep(pause * self.dice.uniform(0.5, 1.5))
            pause = min(pause * 2, 3)
        raise GaveUp(f"{method} {path}")

    def expect(self, allowed: set[int], method: str, path: str, body: Any = None, who: Any = None) -> tuple[int, Any]:
        status, told = self.ask(method, path, body, who)
        if status not in allowed:
            self.journal.surprised(f"{status} {method} {path}: {str(told)[:300]}")
        return status, told

    # --- A fan ---

    def buy(self) -> None:
        cart, plate = self._cart()
        if not cart:
            return
        contact = {"email": f"fan{self.dice.randrange(10**9)}@example.com", "phone": "+12125550100", "name": "Fay"}
        status, order = self.expect({201, 409}, "POST", "/orders", {"items": cart, "contact": contact})
        if status != 201:
            return
        self.journal.accepted("order placed", order=order["id"], total=order["total"])
        who = {"X-Order-Access-Code": order["access_code"]}
        if order["status"] != "paid" and not self._pay(order["id"], who):
            return
        self.journal.accepted("order paid", order=order["id"], total=order["total"])
        self.crowd.orders.append(order["id"])
        if plate:
            self.crowd.cars.append(plate)
        if any(line["type"] == "ticket" for line in cart):
            _, tickets = self.expect({200}, "GET", f"/orders/{order['id']}/tickets", who=who)
            for ticket in tickets["results"]:
                self.journal.accepted("ticket issued", order=order["id"], ticket=ticket["id"])
                self.crowd.at_door.append(ticket["code"])

    def _cart(self) -> tuple[list[dict[str, Any]], str]:
        kind, pieces = (
            self.dice.choices(["free", "paid", "scarce", "food", "parking", "all"], [3, 5, 1, 4, 3, 1])[0],
            [],
        )
        plate = ""
        if kind in ("free", "paid", "scarce", "all"):
            type_id = self.seeded["paid" if kind == "all" else kind]
            pieces.append({"type": "ticket", "id": type_id, "quantity": self.dice.randint(1, 3)})
        if kind in ("food", "all"):
            pieces.append({"type": "product", "id": self.seeded["burger"], "quantity": self.dice.randint(1, 2)})
        if kind in ("parking", "all"):
            plate = self._plate()
            starts = datetime.now(UTC) + timedelta(minutes=1)
            times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=3)).isoformat()}
            asked = {"lot": self.seeded["lot"], "plate": plate, **times}
            status, quote = self.expect({201, 409}, "POST", "/parking/quotes", asked)
            if status != 201:
                return [], ""
            pieces.append({"type": "parking", "id": quote["id"], "quantity": 1})
        return pieces, plate

    def _plate(self) -> str:
        letters = self.dice.choice("CHJK") + self.dice.choice("MNPR") + self.dice.choice("TUVW")
        return f"{letters} {self.dice.randrange(10**5):05}"

    def _pay(self, order_id: str, who: dict[str, str]) -> bool:
        """Whether it is paid in the end, as far as the fan hears."""
        for card in (self.dice.choice(CARDS), "pm_card_visa"):
            status, told = self.expect({200, 409}, "POST", f"/orders/{order_id}/pay", {"payment_method": card}, who)
            if status == 200 and told["status"] == "succeeded":
                return True
            if status == 409 or told["status"] != "failed":
                return self._wait(order_id, who)
            self.journal.accepted("payment declined", order=order_id)
            if self.dice.random() < 0.3:
                return False
        return False

    def _wait(self, order_id: str, who: dict[str, str]) -> bool:
        for _ in range(10):
            _, order = self.expect({200}, "GET", f"/orders/{order_id}", who=who)
            if order["status"] != "pending":
                return bool(order["status"] == "paid")
            time.sleep(1)
        return False

    # --- Those who work there ---

    def scan(self) -> None:
        if not self.crowd.at_door:
            return
        code = self.crowd.at_door.popleft()
        asked = {"code": code, "event": self.seeded["event"], "nonce": uuid.uuid4().hex}
        _, told = self.expect({200}, "POST", "/checkin/scans", asked, self.crowd.staff)
        ticket = (told.get("ticket") or {}).get("id")
        self.journal.accepted(f"scan {told['result']}", ticket=ticket, nonce=asked["nonce"], reason=told["reason"])
        if self.dice.random() < 0.2:
            self.crowd.at_door.append(code)

    def cook(self) -> None:
        _, queue = self.expect({200}, "GET", f"/outlets/{self.seeded['outlet']}/queue", who=self.crowd.staff)
        for row in queue["fulfilments"][:5]:
            move = self.dice.choice(["ready", "ready", "ready", "ready", "refuse"])
            body = {"reason": "The grill is cold."} if move == "refuse" else {}
            address = f"/fulfilments/{row['id']}"
            if row["status"] != "ready":
                status, _ = self.expect({200, 409}, "POST", f"{address}/{move}", body, self.crowd.staff)
                if status == 200 and move == "refuse":
                    self.journal.accepted("food refused", fulfilment=row["id"])
                if status != 200 or move == "refuse":
                    continue
            status, _ = self.expect({200, 409}, "POST", f"{address}/pick-up", {}, self.crowd.staff)
            if status == 200:
                self.journal.accepted("food handed over", fulfilment=row["id"])

    def let_in(self) -> None:
        plate = self.crowd.cars.popleft() if self.crowd.cars else self._plate()
        asked = {"lot": self.seeded["lot"], "plate": plate, "nonce": uuid.uuid4().hex}
        _, told = self.expect({200}, "POST", "/parking/gate/entries", asked, self.crowd.staff)
        if told["open"]:
            self.journal.accepted("car let in", session=told["session"]["id"], nonce=asked["nonce"])
            self.crowd.inside.append(plate)
        else:
            self.journal.accepted(f"car refused: {told['reason']}", nonce=asked["nonce"])

    def let_out(self) -> None:
        if len(self.crowd.inside) < 5:
            return
        asked = {"lot": self.seeded["lot"], "plate": self.crowd.inside.popleft(), "nonce": uuid.uuid4().hex}
        _, told = self.expect({200}, "POST", "/parking/gate/exits", asked, self.crowd.staff)
        if told["open"]:
            self.journal.accepted("car let out", session=told["session"]["id"], nonce=asked["nonce"])
        else:
            self.journal.accepted(f"car kept: {told['reason']}", nonce=asked["nonce"])

    def give_back(self) -> None:
        if len(self.crowd.orders) < 10:
            return
        order_id = self.crowd.orders.popleft()
        if self.dice.random() < 0.6:
            return
        body = {"reason": "The buyer asked."}
        status, told = self.expect({201, 409, 422}, "POST", f"/orders/{order_id}/refunds", body, self.crowd.staff)
        if status == 201:
            self.journal.accepted("refund asked for", order=order_id, refund=told["id"])
