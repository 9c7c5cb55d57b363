"""What is measured: for each path, the requests that take it. `PATHS` names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any
from uuid import uuid4

from benchmarks.bench.client import Unit
from benchmarks.bench.stage import FANS, Script, World, wire

#: Against which floor of SQL a path is held.
PURCHASE, SCAN = "purchase", "scan"


@dataclass(frozen=True)
class Path:
    """One path. `most`: how many units of it a run can make ready, where each is sent once (a second)."""

    about: str
    script: Callable[[World, int], Script]
    most: int = 0
    sql: str = ""


def _get(path: str, world: World, count: int) -> Script:
    return Script([Unit(wire("GET", path, token)) for token in world.tokens])


def _empty(world: World, count: int) -> Script:
    return _get("/api/v1/floor", world, count)


def _order(choose: Callable[[World, int], list[tuple[Any, int]]], world: World, count: int, *, card: bool = False,
           keyed: bool = False) -> Script:  # fmt: skip
    """Orders of one fan after the other; `card` pays each, `keyed` sends an Idempotency-Key along."""
    units = []
    for at in range(count):
        token = world.tokens[at % FANS]
        lines = [{"type": thing.sellable_type, "id": str(thing.pk), "quantity": n} for thing, n in choose(world, at)]
        extra = {"Idempotency_Key": str(uuid4())} if keyed else {}
        first = wire("POST", "/api/v1/orders", token, {"items": lines}, **extra)
        pay = wire("POST", "/api/v1/orders/@ID@/pay", token, {"payment_method": "pm_card_visa"}, **extra)
        units.append(Unit(first, pay if card else b""))
    return Script(units, once=True, statuses=(200,) if card else (201,))


def _free(quantity: int, world: World, at: int) -> list[tuple[Any, int]]:
    return [(world.free, quantity)]


def _paid(quantity: int, world: World, at: int) -> list[tuple[Any, int]]:
    return [(world.paid, quantity)]


def _spread(world: World, at: int) -> list[tuple[Any, int]]:
    return [(world.many[at % 100], 1)]


def _mixed(world: World, at: int) -> list[tuple[Any, int]]:
    return [(world.paid, 2), (world.menu[at % 40], 1), (world.menu[(at + 3) % 40], 2)]


def _sold_out(world: World, count: int) -> Script:
    line = {"type": "ticket", "id": str(world.gone.pk), "quantity": 1}
    units = [Unit(wire("POST", "/api/v1/orders", token, {"items": [line]})) for token in world.tokens]
    return Script(units, statuses=(409,), holds=b'"sold_out"')


def _on_sale(world: World, count: int) -> Script:
    """A type of its own with `count` tickets, and who wants one of it."""
    kind = world.make.TicketTypeFactory(event=world.event, price=0, quantity=count)
    line = {"type": "ticket", "id": str(kind.pk), "quantity": 1}
    return Script([Unit(wire("POST", "/api/v1/orders", token, {"items": [line]})) for token in world.tokens])


def _scan(world: World, code: str) -> Unit:
    body = {"code": code, "event": str(world.event.pk), "gate": "North", "nonce": str(uuid4())}
    return Unit(wire("POST", "/api/v1/checkin/scans", world.managers, body))


def _scan_accepted(world: World, count: int) -> Script:
    from ticketing import codes

    units = [_scan(world, codes.sign(ticket)) for ticket in world.tickets(count)]
    return Script(units, once=True, holds=b'"result":"accepted"')


def _scan_refused(world: World, count: int) -> Script:
    from django.utils import timezone

    from ticketing import codes
    from ticketing.door import checkin

    used = world.tickets(20)
    for ticket in used:
        checkin.scan(codes.sign(ticket), by=world.manager, nonce=str(uuid4()), event_id=world.event.pk,
                     now=timezone.now())  # fmt: skip
    units = [_scan(world, codes.sign(used[at % len(used)])) for at in range(count)]
    return Script(units, once=True, holds=b'"reason":"already_used"')


def _scan_forged(world: World, count: int) -> Script:
    from ticketing import codes

    code = codes.sign(world.tickets(1)[0])
    # Another signature: the last characters of another code of the same length.
    units = [_scan(world, code[:-12] + uuid4().hex[:12].upper().translate(_BASE_32)) for _ in range(count)]
    return Script(units, once=True, holds=b'"result":"refused"')


#: What base 32 has no digits for.
_BASE_32 = str.maketrans("0189", "ABCD")


def _gate_entry(world: World, count: int) -> Script:
    def seen() -> dict[str, str]:
        return {"lot": str(world.lot.pk), "plate": f"B{uuid4().hex[:7].upper()}", "gate": "West", "nonce": str(uuid4())}

    units = [Unit(wire("POST", "/api/v1/parking/gate/entries", world.managers, seen())) for _ in range(count)]
    return Script(units, once=True, holds=b'"open":true')


#: A parameter under which nothing is kept: each answer is computed.
_COMPUTED = "limit=50&starts_before=2090-01-01"


def _events(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", f"/api/v1/events?{_COMPUTED}"))])


def _bare_events(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", f"/api/v1/bare-events?{_COMPUTED}"))])


def _events_kept(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", "/api/v1/events?limit=50"))])


def _again(path: str, world: World, count: int) -> Script:
    """Asked again by who has it; the run puts the tag of the last answer in place. Without tags it is sent anew."""
    return Script([Unit(wire("GET", path, If_None_Match="@TAG@"))], statuses=(200, 304), tag_of=path)


def _event(world: World, count: int) -> Script:
    pages = [f"/api/v1/events/{world.many[0].event_id}", f"/api/v1/events/{world.many[0].event_id}/ticket-types"]
    return Script([Unit(wire("GET", page)) for page in pages])


def _seat_map(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", f"/api/v1/events/{world.hall.pk}/seats"))])


def _history(world: World, count: int) -> Script:
    from accounts.models import User

    buyers = User.objects.filter(email__startswith="fan").order_by("pk")
    return Script([Unit(wire("GET", "/api/v1/orders", world.token(each))) for each in islice(buyers.iterator(), 20)])


def _menu(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", f"/api/v1/outlets/{world.outlet.pk}/menu"))])


def _kitchen(world: World, count: int) -> Script:
    return Script([Unit(wire("GET", f"/api/v1/outlets/{world.kitchen.pk}/queue", world.managers))])


def _login(world: World, count: int) -> Script:
    asked = [{"email": fan.email, "password": world.make.PASSWORD} for fan in world.fans]
    return Script([Unit(wire("POST", "/api/v1/auth/login", body=body)) for body in asked])


def _refresh(world: World, count: int) -> Script:
    from django.utils import timezone

    from accounts import sign_in, tokens

    now = timezone.now()
    spent = [tokens.refresh_for(sign_in.start(world.fans[at % FANS], now), now) for at in range(count)]
    units = [Unit(wire("POST", "/api/v1/auth/refresh", body={"refresh_token": token})) for token in spent]
    return Script(units, once=True)


def _refund(world: World, count: int) -> Script:
    sold = [world.buy(world.fans[at % FANS], (world.paid, 1)) for at in range(count)]
    units = [
        Unit(wire("POST", f"/api/v1/orders/{order.pk}/refunds", world.managers,
                  {"items": [{"id": str(order.all_lines()[0].pk), "quantity": 1}], "reason": "Cannot come"}))
        for order in sold
    ]  # fmt: skip
    return Script(units, once=True, statuses=(201,))


def _dashboard(world: World, count: int) -> Script:
    from django.test import Client

    _, steward = _busy_venue()
    browser = Client()
    browser.force_login(steward, backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    return Script([Unit(wire("GET", "/admin/", Cookie=cookie))])


def _report(key: str, world: World, count: int) -> Script:
    venue, steward = _busy_venue()
    path = f"/api/v1/venues/{venue.pk}/reports/{key}?period=last_30_days"
    return Script([Unit(wire("GET", path, world.token(steward)))])


def _busy_venue() -> tuple[Any, Any]:
    """One of those with a tenth of all that was sold, and who manages it."""
    from venues.models import VenueStaff

    staff = VenueStaff.objects.select_related("venue", "user").get(venue__name="Load Hall 1")
    return staff.venue, staff.user


REPORTS = ("sales", "payouts", "taxes", "returns", "promos", "fans", "attendance", "door", "concessions", "kitchens",
           "parking")  # fmt: skip

#: What only other runs ask for.
OTHER = {"on-sale": Path("On-sale", _on_sale)}
PATHS: dict[str, Path] = {
    "floor": Path("An empty view, signed in: the floor of HTTP", _empty),
    "order": Path("Free order, 1 ticket, one hot type", partial(_order, partial(_free, 1)), 400, PURCHASE),
    "order-keyed": Path("… with an Idempotency-Key", partial(_order, partial(_free, 1), keyed=True), 400, PURCHASE),
    "order-4": Path("Free order, 4 tickets, one hot type", partial(_order, partial(_free, 4)), 300, PURCHASE),
    "order-spread": Path("Free order, 1 ticket, 100 types", partial(_order, _spread), 400, PURCHASE),
    "card": Path("Card order, 1 ticket, placed and paid", partial(_order, partial(_paid, 1), card=True), 150),
    "card-4": Path("Card order, 4 tickets, placed and paid", partial(_order, partial(_paid, 4), card=True), 150),
    "card-mixed": Path("Card order, 2 tickets and 3 dishes", partial(_order, _mixed, card=True), 150),
    "sold-out": Path("Order refused: sold out", _sold_out),
    "scan": Path("Scan accepted", _scan_accepted, 600, SCAN),
    "scan-used": Path("Scan refused: used before", _scan_refused, 600),
    "scan-forged": Path("Scan refused: forged", _scan_forged, 800),
    "gate": Path("Gate entry by plate", _gate_entry, 300),
    "events": Path("Event list of 50, computed", _events),
    "events-bare": Path("… its statements alone, their rows as they come", _bare_events),
    "events-kept": Path("… as the public reads it, kept for a moment", _events_kept),
    "events-again": Path("… revalidated", partial(_again, "/api/v1/events?limit=50")),
    "event": Path("Event, and its 100 ticket types, in turn", _event),
    "seats": Path("Seat map of 20,000", _seat_map),
    "history": Path("A fan's orders", _history),
    "menu": Path("Menu of 40 products", _menu),
    "kitchen": Path("Kitchen queue of 30", _kitchen),
    "login": Path("Login by password (bcrypt)", _login),
    "refresh": Path("Token refreshed", _refresh, 400),
    "refund": Path("Refund of a line", _refund, 25),
    "dashboard": Path("Console dashboard", _dashboard),
    **{f"report-{key}": Path(f"Report: {key}, 30 days", partial(_report, key)) for key in REPORTS},
}
