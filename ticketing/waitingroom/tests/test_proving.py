"""`manage.py verify_draw` finds any number that is not its place's own."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from ticketing.waitingroom import admitting, lottery
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from ticketing.waitingroom.tests.rooms import come, shut, step
from trufan.testing import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(event) -> WaitingRoom:
    """Five were drawn, and one came after the start."""
    room = shut(event)
    for _ in range(5):
        come(room)
    start = timezone.now() + timedelta(minutes=31)
    step(room, start)
    come(room, now=start + timedelta(seconds=5))
    return room


def verify(*args):
    said = StringIO()
    call_command("verify_draw", *args, stdout=said, stderr=said)
    return said.getvalue()


def test_an_honest_room_is_proved(room, event):
    assert "1 rooms: every number" in verify()
    assert "1 rooms" in verify("--event", str(event.pk))


def test_a_room_that_staff_started_early_is_proved_too(event):
    room = shut(event)
    come(room)
    admitting.admit_more(room, 1, UserFactory(), timezone.now())
    assert come(room).turn >= lottery.AFTER_THE_DRAW
    assert "1 rooms" in verify()


def test_who_was_put_in_front_is_found(room):
    last = WaitingRoomEntry.objects.order_by("-turn").first()
    WaitingRoomEntry.objects.filter(pk=last.pk).update(turn=1)
    with pytest.raises(CommandError, match="1 numbers"):
        verify()


def test_another_seed_than_the_one_promised_is_found(room):
    WaitingRoom.objects.update(seed_hash=lottery.commitment(lottery.new_seed()))
    with pytest.raises(CommandError):
        verify()
