"""What is on sale in one database, and who asks for it: made in a process of its own, which then writes requests.

A process has one database; there is one of these beside each API, and the run talks to it by a pipe.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
import traceback
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

from benchmarks.bench.client import Unit
from benchmarks.bench.installation import HOST

#: How many fans buy, so that no row of a person is the one everybody waits for.
FANS = 64


@dataclass(frozen=True)
class Script:
    """The requests of one path, and what their answers must be."""

    units: list[Unit]
    once: bool = False
    statuses: tuple[int, ...] = (200,)
    holds: bytes = b""
    #: Whose `ETag` goes where `@TAG@` stands.
    tag_of: str = ""


def wire(method: str, path: str, token: str = "", body: Any = None, **headers: str) -> bytes:
    """A request as a proxy passes it on, which speaks TLS with whoever asks."""
    payload = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: keep-alive", "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.7", "User-Agent: trufan-bench/1", "Accept: application/json",
    ]  # fmt: skip
    if token:
        lines.append(f"Authorization: Bearer {token}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if payload:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join([*lines, "", ""]).encode() + payload


class World:
    """Rows that the paths ask for, beside all that was sold before."""

    def __init__(self) -> None:
        from trufan import testing as make

        self.make = make
        # A database that is kept has the rows of the last run.
        for factory in (make.UserFactory, make.VenueFactory, make.LotFactory):
            factory.reset_sequence(int(time.time()))
        self.fans = self._fans()
        self.tokens = [self.token(fan) for fan in self.fans]
        self.event = make.EventFactory(capacity=100_000_000)
        self.venue = self.event.venue
        make.TaxRateFactory(venue=self.venue)
        self.manager = make.StaffFactory(venue=self.venue).user
        self.managers = self.token(self.manager)
        plenty = {"event": self.event, "quantity": 10_000_000}
        self.free = make.TicketTypeFactory(price=0, **plenty)
        self.paid = make.TicketTypeFactory(price=5_000, **plenty)
        self.gone = make.TicketTypeFactory(event=self.event, price=0, quantity=1, sold=1)
        show = make.EventFactory(venue=self.venue, capacity=100_000_000)
        self.many = [make.TicketTypeFactory(event=show, price=0, quantity=1_000_000) for _ in range(100)]
        self.outlet = make.OutletFactory(venue=self.venue)
        # Of another outlet, so that what the run orders does not stand before this kitchen.
        self.kitchen = make.OutletFactory(venue=self.venue)
        self.menu = [make.ProductVariantFactory(product__outlet=self.outlet, quantity=1_000_000) for _ in range(40)]
        lot = make.LotFactory(venue=self.venue)
        self.lot = make.CapacityFactory(lot=lot, spaces=1_000_000).lot
        self._hall: Any = None
        self._cook()

    def _fans(self) -> list[Any]:
        from django.contrib.auth.hashers import make_password
        from django.utils import timezone

        from accounts.models import User

        password, now, tag = make_password(self.make.PASSWORD), timezone.now(), uuid4().hex[:8]
        return User.objects.bulk_create(
            User(email=f"bench-{tag}-{at}@example.com", first_name="Fay", last_name=f"Fan {at}", password=password,
                 email_verified_at=now)
            for at in range(FANS)
        )  # fmt: skip

    def _cook(self) -> None:
        """Thirty orders before the kitchen."""
        dishes = [self.make.ProductVariantFactory(product__outlet=self.kitchen, quantity=1_000) for _ in range(10)]
        for at in range(30):
            self.buy(self.fans[at % FANS], (dishes[at % 10], 1), (dishes[(at + 7) % 10], 2))

    def token(self, user: Any) -> str:
        from django.utils import timezone

        from accounts import sign_in, tokens

        now = timezone.now()
        return tokens.access_for(sign_in.start(user, now), now)

    def place(self, fan: Any, *lines: tuple[Any, int]) -> Any:
        from django.utils import timezone

        from orders.cart import cart_lines
        from orders.checkout import Contact, place_order

        cart = cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in lines)
        return place_order(cart, user=fan, contact=Contact(), now=timezone.now(), hold=timedelta(hours=6))

    def buy(self, fan: Any, *lines: tuple[Any, int]) -> Any:
        """An order, paid by card."""
        from django.utils import timezone

        from payments import charges
        from payments.gateways.sandbox import SandboxGateway

        order = self.place(fan, *lines)
        charges.start(order, payer=fan, payment_method="pm_card_visa", now=timezone.now(), provider=SandboxGateway.name)
        return order

    def tickets(self, count: int) -> list[Any]:
        """So many valid tickets of tonight's event, of one order."""
        from ticketing.models import Ticket

        one = Ticket.objects.filter(order=self.place(self.fans[0], (self.free, 1))).get()
        made = Ticket.objects.bulk_create(
            (
                Ticket(event_id=one.event_id, ticket_type_id=one.ticket_type_id, order_id=one.order_id,
                       order_item_id=one.order_item_id, ordinal=ordinal, holder_id=one.holder_id,
                       holder_name=one.holder_name)
                for ordinal in range(2, count + 2)
            ),
            batch_size=1000,
        )  # fmt: skip
        return list(Ticket.objects.with_event().filter(pk__in=[ticket.pk for ticket in made]))

    @property
    def hall(self) -> Any:
        """An event with 20,000 seats, made when it is first asked for."""
        if self._hall is None:
            from ticketing.seats.tests.seated import plan_of, seat_by, seated_type

            self._hall = self.make.EventFactory(venue=self.venue, capacity=20_000)
            plan = plan_of(self.venue, {str(100 + at): (25, 20) for at in range(40)})
            kind = seated_type(self._hall, "Seated")
            seat_by(self._hall, plan, self.manager, **{f"_{100 + at}": kind for at in range(40)})
        return self._hall


def _serve(pipe: Connection, environment: dict[str, str], tickets: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
    from benchmarks.bench import seeding

    world: World | None = None
    while True:
        asked = pipe.recv()
        if asked is None:
            return
        try:
            if world is None:
                if tickets:
                    seeding.fill(tickets)
                world = World()
            name, count = asked
            pipe.send(_answer(world, name, count) if name else None)
        except Exception:  # noqa: BLE001  who asked raises it
            pipe.send(traceback.format_exc())


def _answer(world: World, name: str, count: int) -> Any:
    from benchmarks.bench import paths, profiling

    wanted, profiled = name.removeprefix(PROFILED), name.startswith(PROFILED)
    script = {**paths.PATHS, **paths.OTHER}[wanted].script(world, count)
    return profiling.profile(script, warm=30) if profiled else script


#: In front of a path's name: carry it out here, and tell where its time goes.
PROFILED = "profiled:"


class Stage:
    """The process. It fills its database with so many tickets; 0: with none, it is filled."""

    def __init__(self, environment: dict[str, str], tickets: int) -> None:
        context: Any = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        quiet = {**environment, "LOG_LEVEL": "ERROR"}
        self._process = context.Process(target=_serve, args=(far, quiet, tickets), daemon=True)
        self._process.start()
        self._ask("", 0)

    def script(self, name: str, count: int) -> Script:
        """The requests of a path; as many as asked for where each can be sent only once."""
        made: Script = self._ask(name, count)
        return made

    def profile(self, name: str, count: int) -> dict[str, Any]:
        """Where the time of a path goes (`profiling`)."""
        told: dict[str, Any] = self._ask(f"{PROFILED}{name}", count)
        return told

    def _ask(self, name: str, count: int) -> Any:
        self._pipe.send((name, count))
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def stop(self) -> None:
        self._pipe.send(None)
        self._process.join(timeout=10)
