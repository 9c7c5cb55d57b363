"""Entry slots move along when their event does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ticketing.slots.tests.test_buying import make_museum, make_slots

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hours", [1, -1, 24])
def test_slots_move_by_as_much_as_the_start(api, olga, venue, hours):
    museum = make_museum(venue)
    slots, later = make_slots(museum), timedelta(hours=hours)
    before = [(slot.starts_at, slot.ends_at) for slot in slots]
    times = {name: (getattr(museum, name) + later).isoformat() for name in ("doors_at", "starts_at", "ends_at")}
    answer = api.as_(olga).patch(f"/api/v1/events/{museum.pk}", times)
    assert answer.status_code == 200, answer.json()
    for slot in slots:
        slot.refresh_from_db()
    assert [(slot.starts_at, slot.ends_at) for slot in slots] == [(a + later, b + later) for a, b in before]


def test_slots_stay_where_only_the_doors_open_earlier(api, olga, venue):
    museum = make_museum(venue)
    slot = make_slots(museum)[0]
    before = slot.starts_at
    doors = (museum.doors_at - timedelta(hours=1)).isoformat()
    assert api.as_(olga).patch(f"/api/v1/events/{museum.pk}", {"doors_at": doors}).status_code == 200
    slot.refresh_from_db()
    assert slot.starts_at == before > timezone.now()
