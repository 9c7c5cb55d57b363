"""The gate answers from few queries, and from few rows, however long the history of its lot is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.booking import codes
from parking.stays import access, charging, gate
from parking.stays.gate import Seen
from parking.stays.tests import long_history
from parking.stays.tests.at_the_gate import booked, there
from parking.stays.tests.plans import queries_of, scans_of

#: `benchmarks/gate_history.py` asks the same of a million.
PAST = 200_000
#: Tables that grow with every car.
GROWING = {"parking_parkingsession", "parking_gateevent", "parking_spaceuse", "parking_parkingreservation"}
#: Whom and what one decision is about.
FEW_ROWS = 30

#: What one decision asks of the database, from what was seen to the answer that is written down.
QUERIES = {
    "drive up": 13,
    "reservation by plate": 14,
    "reservation by code": 14,
    "inside already": 4,
    "not paid": 8,
    "leave": 13,
    "leave by code": 12,
    "unknown": 4,
    "said again": 1,
}


def decisions(lot, capacity, camera, user) -> dict:
    """One of every kind of decision, ready to be made."""
    now = timezone.now()
    booked(capacity, user, plate="FAY 100")
    by_code = booked(capacity, user)
    inside = there(capacity, "HERE 1")
    paid, reserved = there(capacity, "PAID 1"), there(capacity, "TICKET 1")
    for stay in (paid, reserved):
        charging.pay(stay, payer=None, payment_method="pm_card_visa", now=now)
    lots_of = {"lot": lot, "by": camera, "now": now + timedelta(seconds=1)}

    def enter(nonce, **seen):
        return lambda: gate.enter(lots_of["lot"], Seen(nonce=nonce, **seen), by=camera, now=lots_of["now"])

    def leave(nonce, **seen):
        return lambda: gate.leave(lots_of["lot"], Seen(nonce=nonce, **seen), by=camera, now=lots_of["now"])

    return {
        "drive up": enter("1", plate="NEW 1"),
        "reservation by plate": enter("2", plate="FAY 100"),
        "reservation by code": enter("3", code=codes.code_for(by_code), plate="RENTAL 1"),
        "inside already": enter("4", plate=inside.plate),
        "not paid": leave("5", plate=inside.plate),
        "leave": leave("6", plate=paid.plate),
        "leave by code": leave("7", code=access.gate_code(reserved)),
        "unknown": leave("8", plate="OLD 17"),
        "said again": enter("1", plate="NEW 1"),
    }


@pytest.mark.django_db
def test_a_decision_takes_a_fixed_number_of_queries(lot, capacity, val, fay):
    asked = {name: len(queries_of(decide)) for name, decide in decisions(lot, capacity, val, fay).items()}
    assert asked == QUERIES


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_long_history_adds_neither_queries_nor_rows(lot, capacity, val, fay):
    long_history.write(capacity, val, PAST)
    counted, scans = {}, []
    for name, decide in decisions(lot, capacity, val, fay).items():
        queries = queries_of(decide)
        counted[name] = len(queries)
        scans += [scan for scan in scans_of(queries) if scan.table in GROWING]

    assert counted == QUERIES
    assert {scan.table for scan in scans} == GROWING
    assert [scan for scan in scans if scan.kind == "Seq Scan"] == []
    assert [scan for scan in scans if scan.rows > FEW_ROWS] == []
