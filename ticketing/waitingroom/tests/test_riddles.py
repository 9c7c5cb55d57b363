"""A riddle before the door: solved once, in time, for this room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ticketing.waitingroom import challenges
from ticketing.waitingroom.examples import CHALLENGE
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from ticketing.waitingroom.tests.rooms import fresh, shut
from trufan.testing import EventFactory

pytestmark = pytest.mark.django_db


def solve(challenge: str, bits: int) -> str:
    nonce = 0
    while not challenges.solves(challenge, str(nonce), bits):
        nonce += 1
    return str(nonce)


def ask(api, event):
    return api.get(f"/api/v1/events/{event.pk}/waiting-room/challenge").json()


def enter(api, event, challenge, nonce):
    proof = {"proof": {"challenge": challenge, "nonce": nonce}}
    return api.post(f"/api/v1/events/{event.pk}/waiting-room", proof)


@pytest.fixture
def guarded(event) -> WaitingRoom:
    return fresh(shut(event, proof_of_work_bits=8))


def test_who_solves_it_has_a_place_and_who_does_not_has_none(api, event, guarded):
    made = ask(api, event)
    assert made["bits"] == 8
    nonce = solve(made["challenge"], 8)
    wrong = next(str(n) for n in range(1000) if not challenges.solves(made["challenge"], str(n), 8))
    assert enter(api, event, made["challenge"], wrong).status_code == 422
    assert enter(api, event, made["challenge"], nonce).status_code == 201
    assert WaitingRoomEntry.objects.count() == 1


def test_each_is_good_once(api, event, guarded):
    made = ask(api, event)
    nonce = solve(made["challenge"], 8)
    assert enter(api, event, made["challenge"], nonce).status_code == 201
    again = enter(api, event, made["challenge"], nonce)
    assert (again.status_code, again.json()["error"]["code"]) == (422, "proof_of_work")


def test_without_one_there_is_no_place_unless_there_is_one_already(api, fay, event, guarded):
    path = f"/api/v1/events/{event.pk}/waiting-room"
    assert api.as_(fay).post(path, {}).json()["error"]["code"] == "proof_of_work"
    made = ask(api, event)
    token = enter(api, event, made["challenge"], solve(made["challenge"], 8)).json()["token"]
    assert api.post(path, {"token": token}).status_code == 201


def test_an_old_one_an_easier_one_another_rooms_or_our_own_make_is_refused(venue, guarded):
    now = timezone.now()
    made = challenges.make(guarded, now)
    nonce = solve(made, 8)
    other = shut(EventFactory(venue=venue), proof_of_work_bits=8)
    harder = fresh(guarded)
    harder.proof_of_work_bits = 9
    forged = made.replace(".8.", ".0.")
    for room, challenge, then in (
        (guarded, made, now + timedelta(seconds=301)),
        (other, made, now),
        (harder, made, now),
        (guarded, forged, now),
        (guarded, "x", now),
        (guarded, "", now),
    ):
        with pytest.raises(challenges.ProofRefused):
            challenges.check(room, challenge, nonce, then)
    assert challenges.check(guarded, made, nonce, now)


def test_the_vectors_of_the_documentation_hold():
    written = (settings.BASE_DIR / "docs" / "on-sale.md").read_text()
    for bits in (8, 12, 16):
        challenge = CHALLENGE["challenge"]
        first = next(n for n in range(1 << 22) if challenges.solves(challenge, str(n), bits))
        assert f"| {bits} | `{first}` |" in written
