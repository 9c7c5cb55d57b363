"""A device's key opens the endpoints of its scopes, at its venue and place, and nothing else whatsoever."""

from __future__ import annotations

import pytest

from audit.models import AuditLog
from orders.kitchen.tests.kitchens import ordered
from parking.models import GateEvent
from ticketing import codes
from ticketing.models import Scan
from ticketing.tests.conftest import ticket as ticket
from trufan.testing import (
    CapacityFactory,
    EventFactory,
    LotFactory,
    OutletFactory,
    ProductVariantFactory,
)
from trufan.tests.security.machines import ALL_SCOPES, Endpoint, endpoints, made, speaking
from venues.devices import opening

pytestmark = pytest.mark.django_db
GATE = "/api/v1/parking/gate/entries"
#: Where nobody is asked who they are: what is public, and what a password, a link's token or a signature opens.
DEAF = {
    "/api/v1/auth/email/verify",
    "/api/v1/auth/login",
    "/api/v1/auth/password/forgot",
    "/api/v1/auth/password/reset",
    "/api/v1/auth/refresh",
    "/api/v1/auth/register",
    "/api/v1/docs",
    "/api/v1/push/key",
    "/api/v1/redoc",
    "/api/v1/schema",
    "/api/v1/unsubscribe/{token}",
}
#: Every endpoint that a key opens, and by which scope.
OPEN = {
    "POST /api/v1/checkin/scans": "scan",
    "GET /api/v1/events/{event_id}/checkin/counts": "scan",
    "GET /api/v1/events/{event_id}/checkin/manifest": "scan",
    "POST /api/v1/events/{event_id}/checkin/sync": "scan",
    "POST /api/v1/parking/gate/entries": "gate",
    "POST /api/v1/parking/gate/exits": "gate",
    "GET /api/v1/outlets/{outlet_id}/queue": "kitchen",
    **{
        f"POST /api/v1/fulfilments/{{pk}}/{move}": "kitchen"
        for move in ("accept", "prepare", "ready", "pick-up", "send-out", "deliver", "back")
    },
}


def scope_of(endpoint: Endpoint) -> str | None:
    return opening.scope_of(endpoint.view, endpoint.method)


def test_keys_open_exactly_these_endpoints() -> None:
    assert {str(each): scope_of(each) for each in endpoints() if scope_of(each)} == OPEN


def test_every_other_endpoint_answers_403_to_a_key_with_all_scopes(venue, olga, settings) -> None:
    settings.DEVICE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_PER_MINUTE = settings.DOOR_LIMIT_PER_MINUTE = 0
    device = speaking(made(venue, olga)[1])
    asked = [each for each in endpoints() if str(each) not in OPEN and each.view.get_authenticators()]
    assert len(asked) > 200
    answers = {
        str(each): device.generic(each.method, each.address(venue_id=venue.pk), "{}", "application/json")
        for each in asked
    }
    told = {name: (answer.status_code, answer.json()["error"]["code"]) for name, answer in answers.items()}
    assert {name: said for name, said in told.items() if said != (403, "not_for_devices")} == {}


def test_only_what_has_its_own_proof_takes_no_notice_of_a_key() -> None:
    deaf = {each.path for each in endpoints() if not each.view.get_authenticators()}
    assert {path for path in deaf if not path.startswith("/api/v1/webhooks/")} == DEAF


@pytest.mark.parametrize("scope", ALL_SCOPES)
def test_a_scope_opens_nothing_of_another(venue, olga, scope) -> None:
    device = speaking(made(venue, olga, scope)[1])
    for each in endpoints():
        if str(each) in OPEN:
            answer = device.generic(each.method, each.address(), "{}", "application/json")
            refused = answer.status_code == 403 and answer.json()["error"]["code"] == "not_for_devices"
            assert refused is (OPEN[str(each)] != scope), str(each)


def test_options_tell_a_key_nothing(venue, olga) -> None:
    assert speaking(made(venue, olga)[1]).options(GATE).status_code == 403


def test_a_scanner_lets_a_ticket_in_and_is_named_for_it(venue, olga, event, ticket) -> None:
    device, key = made(venue, olga, "scan")
    said = speaking(key).post("/api/v1/checkin/scans", {"code": codes.sign(ticket), "nonce": "n-1"})
    assert (said.status_code, said.json()["result"]) == (200, "accepted"), said.json()
    scan = Scan.objects.get()
    assert (scan.scanned_by_id, str(scan.scanned_by)) == (device.account_id, "Camera")


def test_a_scanner_reads_counts_and_manifest_of_its_venues_events_alone(venue, other_venue, olga, event) -> None:
    device, theirs = speaking(made(venue, olga, "scan")[1]), EventFactory(venue=other_venue)
    for what in ("counts", "manifest"):
        assert device.get(f"/api/v1/events/{event.pk}/checkin/{what}").status_code == 200
        assert device.get(f"/api/v1/events/{theirs.pk}/checkin/{what}").status_code == 403


def test_a_scanner_for_one_event_takes_no_other(venue, olga, event, ticket) -> None:
    other = EventFactory(venue=venue)
    device = speaking(made(venue, olga, "scan", place_id=other.pk)[1])
    assert device.get(f"/api/v1/events/{event.pk}/checkin/counts").status_code == 403
    asked = {"code": codes.sign(ticket), "nonce": "n-1"}
    assert device.post("/api/v1/checkin/scans", {**asked, "event": str(event.pk)}).status_code == 403
    said = device.post("/api/v1/checkin/scans", asked).json()
    assert (said["result"], said["reason"]) == ("refused", "wrong_event")


def test_a_camera_opens_the_gate_of_its_lots_alone(venue, other_venue, olga) -> None:
    north, south = (CapacityFactory(lot=LotFactory(venue=venue)).lot for _ in range(2))
    theirs = CapacityFactory(lot=LotFactory(venue=other_venue)).lot
    device, key = made(venue, olga, "gate", place_id=north.pk)
    camera = speaking(key)
    seen = {"plate": "B0B 1", "nonce": "n-1"}
    assert camera.post(GATE, {**seen, "lot": str(north.pk)}).json()["open"] is True
    assert camera.post(GATE, {**seen, "lot": str(south.pk)}).status_code == 403
    assert camera.post(GATE, {**seen, "lot": str(theirs.pk)}).status_code == 404
    assert GateEvent.objects.get().seen_by_id == device.account_id


def test_a_camera_does_not_overrule_the_gate(venue, olga) -> None:
    lot = CapacityFactory(lot=LotFactory(venue=venue)).lot
    seen = {"plate": "B0B 1", "nonce": "n-1", "lot": str(lot.pk), "override": "Because"}
    assert speaking(made(venue, olga, "gate")[1]).post(GATE, seen).status_code == 403
    assert not GateEvent.objects.exists()


def test_a_kitchen_screen_moves_its_own_outlets_orders_and_stands_in_the_trail(api, venue, olga, fay) -> None:
    stand, bar = OutletFactory(venue=venue), OutletFactory(venue=venue)
    order = ordered(fay, (ProductVariantFactory(product__outlet=stand), 1))
    device, key = made(venue, olga, "kitchen", place_id=stand.pk)
    screen = speaking(key)
    assert screen.get(f"/api/v1/outlets/{stand.pk}/queue").json()["count"] == 1
    assert screen.get(f"/api/v1/outlets/{bar.pk}/queue").status_code == 403
    assert screen.post(f"/api/v1/fulfilments/{order.pk}/accept").status_code == 200
    entry = AuditLog.objects.filter(actor_id=device.account_id).latest("created_at")
    assert entry.entity_id == order.pk
    told = api.as_(olga).get(f"/api/v1/venues/{venue.pk}/audit", {"actor": str(device.account_id)}).json()["results"]
    assert told[0]["actor"] == {
        "id": str(device.account_id),
        "name": "Camera",
        "device": {"id": str(device.pk), "made_by": {"id": str(olga.pk), "name": str(olga)}},
    }
    elsewhere = speaking(made(venue, olga, "kitchen", place_id=bar.pk)[1])
    assert elsewhere.post(f"/api/v1/fulfilments/{order.pk}/prepare").status_code == 403
