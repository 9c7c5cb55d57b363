"""The demonstration data: complete, repeatable, and never in production."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from events.models import Event
from orders.models import Fulfilment, Option, Order, ProductVariant
from ticketing.models import Scan, Ticket
from trufan.demo import PEOPLE, seed
from venues.models import Venue

pytestmark = pytest.mark.django_db


def test_the_demo_has_all_that_a_walk_needs():
    seed(timezone.now())
    assert User.objects.count() == 6
    assert Venue.objects.count() == 2
    assert {"published", "completed"} == set(Event.objects.values_list("status", flat=True))
    assert Ticket.objects.filter(status="used").count() == 3
    assert Scan.objects.filter(result="accepted").count() == 3
    assert ProductVariant.objects.filter(product__outlet__venue__slug="garden-arena").count() == 13
    assert set(Fulfilment.objects.values_list("status", flat=True)) >= {"placed", "accepted", "preparing", "ready"}
    call_command("check_inventory")
    call_command("check_books")


def test_a_second_run_changes_nothing():
    now = timezone.now()
    seed(now)
    tables = (User, Venue, Event, Order, Ticket, Scan, ProductVariant, Option, Fulfilment)
    counts = [model.objects.count() for model in tables]
    assert seed(now) == []
    assert counts == [model.objects.count() for model in tables]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email)
def test_everyone_can_sign_in(api, person):
    seed(timezone.now())
    answer = api.post("/api/v1/auth/login", {"email": person.email, "password": person.password})
    assert answer.status_code == 200
    assert answer.json()["user"]["role"] == person.role


def test_production_refuses_the_demo(settings):
    settings.DJANGO_ENV = "production"
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()
