"""A tariff without JSON: asked for in words and decimals, shown in figures, written by the lot's rule."""

from __future__ import annotations

from typing import Any

import pytest

from parking.lots import simple_tariff
from parking.models import ParkingLot
from parking.rates import tariff as tariffs
from trufan.testing import LotFactory
from trufan.tests.console_client import as_, url

pytestmark = pytest.mark.django_db

ANSWERS = {
    "first_minutes": "60", "first_price": "5.00", "every_minutes": "30", "every_price": "2.00", "most_per_day": "40",
    "grace_minutes": "10",
}  # fmt: skip
TARIFF = {
    "version": 1,
    "base": {"type": "interval", "first": {"minutes": 60, "price": 500}, "every": {"minutes": 30, "price": 200}},
    "grace_minutes": 10, "daily_maximum": 4000, "day": "calendar",
}  # fmt: skip


@pytest.fixture
def bare(venue) -> ParkingLot:
    return LotFactory(venue=venue, tariff={}, status=ParkingLot.Status.DRAFT)


def page(lot: ParkingLot) -> str:
    return url(ParkingLot, "button", lot.pk, "simple-tariff")


def confirm(user: Any, lot: ParkingLot, **answers: str) -> Any:
    """Fill it in, read the figures, press."""
    client, given = as_(user), ANSWERS | answers
    figures = client.post(page(lot), given).context["figures"]
    return client.post(page(lot), given | {"confirmed": figures})


def test_the_figures_come_first_and_nothing_changes_by_them(olga, bare):
    shown = as_(olga).post(page(bare), ANSWERS).content.decode()
    assert "No day costs more than $40.00." in shown
    assert "an hour: $5.00" in shown
    bare.refresh_from_db()
    assert bare.tariff == {}


def test_the_answers_become_the_tariff(olga, bare):
    assert confirm(olga, bare).status_code == 302
    bare.refresh_from_db()
    assert bare.tariff == TARIFF
    assert tariffs.parse(bare.tariff).daily_maximum == 4000


def test_only_what_every_interval_costs_is_needed(olga, bare):
    confirm(olga, bare, first_minutes="", first_price="", most_per_day="", grace_minutes="")
    bare.refresh_from_db()
    assert bare.tariff == {"version": 1, "base": {"type": "interval", "every": {"minutes": 30, "price": 200}}}


def test_the_present_tariff_is_what_the_form_begins_with(olga, venue):
    lot = LotFactory(venue=venue, tariff=TARIFF)
    form = as_(olga).get(page(lot)).context["form"]
    begun = {name: str(field.initial) for name, field in form.fields.items()}
    assert begun == ANSWERS | {"most_per_day": "40.00"}


def test_what_it_can_not_say_is_said_to_be_replaced(olga, venue):
    night = {"from": "18:00", "until": "08:00", "price": 1000}
    lot = LotFactory(venue=venue, tariff={**TARIFF, "overnight": night})
    assert not simple_tariff.is_simple(lot.tariff)
    assert not simple_tariff.is_simple({key: TARIFF[key] for key in ("version", "base", "day")})
    assert "replaced as a whole" in as_(olga).get(page(lot)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"every_price": "a lot"}, "not an exact amount of USD"),
        ({"every_price": "2.005"}, "not an exact amount of USD"),
        ({"first_price": ""}, "Say both the first minutes and their price"),
        ({"every_minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_mistake_is_told_beside_its_field(olga, bare, wrong, words):
    assert words in as_(olga).post(page(bare), ANSWERS | wrong).content.decode()
    bare.refresh_from_db()
    assert bare.tariff == {}


def test_only_who_manages_parking_here(val, stan, bare):
    for user in (val, stan):
        as_(user).post(page(bare), ANSWERS | {"confirmed": "anything"})
    bare.refresh_from_db()
    assert bare.tariff == {}
    assert as_(val).get(page(bare)).status_code == 403
