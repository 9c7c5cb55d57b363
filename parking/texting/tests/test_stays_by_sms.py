"""EXTEND, OUT and STOP: more time is paid by a link, a stay ends where nothing is due, and an opt-out ends none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from notifications.models import InboundMessage, Suppression
from notifications.sms import text
from notifications.sms.tests.conftest import FAYS
from parking.models import ParkingCharge, SpaceUse
from parking.stays import access, charging
from parking.stays.tests.parked import fresh, park, post
from parking.texting import words
from parking.texting.stays import length_of
from parking.vehicles import plates
from payments.models import Payment

pytestmark = pytest.mark.django_db
GUSES = "+12125550124"


@pytest.fixture
def stay(open_lot):
    """An hour that is paid, half an hour of it left."""
    stay = come(open_lot, "ABC 123", minutes=30, until=30)
    charging.pay(fresh(stay), payer=None, payment_method="pm_card_visa", now=timezone.now())
    return fresh(stay)


def come(capacity, plate="ABC 123", phone=FAYS, **how):
    """Fay's car came."""
    return park(capacity, plate=plate, plate_key=plates.key(plate), contact_phone=phone, **how)


def clock(stay, moment) -> str:
    return f"{moment.astimezone(stay.lot.zone):%H:%M}"


def stopped() -> bool:
    return Suppression.objects.filter(channel="sms", address=FAYS).exists()


@pytest.mark.parametrize(
    ("said", "minutes", "rest"),
    [
        ("1H", 60, ()), ("30M", 30, ()), ("2", 120, ()), ("1H30", 90, ()), ("1H30M", 90, ()), ("90 MIN", 90, ()),
        ("2 HOURS", 120, ()), ("2 HORAS ABC123", 120, ("ABC123",)), ("1H ABC 123", 60, ("ABC", "123")),
        ("", None, ()), ("ABC", None, ("ABC",)), ("H", None, ("H",)), ("1000H", None, ("1000H",)),
        ("١H", None, ("١H",)),
    ],
)  # fmt: skip
def test_how_much_longer_is_read_as_people_write_it(said, minutes, rest):
    assert length_of(tuple(said.split())) == (None if minutes is None else timedelta(minutes=minutes), rest)


def test_extending_is_charged_to_nobody_and_paid_by_the_link(caller, number, api, stay):
    until = stay.expires_at + timedelta(hours=1)
    payments = Payment.objects.count()
    answer = caller.answer("EXTEND 1H")
    assert f"until {clock(stay, until)} costs $4.00. Pay within 15 min" in answer
    assert access.payer_link(stay) in answer
    assert text.measure(answer).segments <= 2
    assert (fresh(stay).expires_at, Payment.objects.count()) == (stay.expires_at, payments)
    assert SpaceUse.objects.filter(purpose="hold", is_active=True).count() == 1

    code = access.payer_code_for(stay)
    api.credentials(HTTP_X_PARKING_ACCESS_CODE=code)
    paid = api.post(f"/api/v1/parking/sessions/{stay.pk}/pay", {"payment_method": "pm_card_visa"}, format="json")
    assert (paid.status_code, paid.json()["status"]) == (200, "succeeded"), paid.json()
    assert fresh(stay).expires_at == until


def test_asked_again_before_it_is_paid_it_is_the_same(caller, number, stay):
    assert caller.answer("EXTEND 1H") == caller.answer("extend 1 hour")
    assert ParkingCharge.objects.filter(kind="extension").count() == 1
    caller.answer("EXTEND 30M")
    assert ParkingCharge.objects.filter(kind="extension", status="pending").count() == 1


def test_what_costs_nothing_moves_the_end_at_once(caller, number, stay):
    # By the word of staff.
    type(stay).objects.filter(pk=stay.pk).update(price_set=0)
    answer = caller.answer("EXTEND 30M")
    until = stay.expires_at + timedelta(minutes=30)
    assert answer == f"ABC 123 may stay at West Lot until {clock(stay, until)}. It costs nothing more."
    assert fresh(stay).expires_at == until


@pytest.mark.parametrize("said", ["EXTEND", "EXTEND soon", "EXTEND 0", "EXTEND 25H", "EXTEND ABC123"])
def test_what_is_no_time_is_asked_again(caller, number, stay, said):
    answer = caller.answer(said)
    assert "EXTEND 30M" in answer
    assert fresh(stay).expires_at == stay.expires_at


def test_a_stay_without_an_end_needs_no_more(caller, number, open_lot):
    come(open_lot, "ABC 123")
    assert "no end" in caller.answer("EXTEND 1H")
    assert not ParkingCharge.objects.exists()


def test_a_full_lot_is_said_in_words(caller, number, stay, open_lot):
    from parking.spaces import taking

    begins = stay.expires_at + timedelta(minutes=1)
    taking.put(open_lot, begins, begins + timedelta(hours=5), taking.Purpose.BLOCK, quantity=open_lot.spaces)
    assert caller.answer("EXTEND 1H") == "No Standard space at West Lot is free for the whole of this time."
    assert caller.answer("EXTENDER 1H") == words.REFUSALS["es"]["no_space"]
    assert fresh(stay).expires_at == stay.expires_at


def test_who_is_over_time_pays_that_first(caller, number, open_lot):
    stay = come(open_lot, "ABC 123", minutes=300, until=-120)
    assert "Pay what is due before" in caller.answer("EXTEND 1H")
    assert fresh(stay).expires_at == stay.expires_at


def test_status_tells_until_when_and_what_is_due(caller, number, open_lot, stay):
    assert caller.answer("STATUS") == f"ABC 123 at West Lot: paid until {clock(stay, stay.expires_at)}."
    come(open_lot, "XYZ 789", minutes=70)
    lines = caller.answer("STATUS").split("\n")
    assert len(lines) == 2
    assert "To pay: $" in caller.answer("STATUS XYZ789")


def test_several_stays_are_told_apart(caller, number, stay, open_lot):
    come(open_lot, "XYZ 789", until=60)
    assert caller.answer("EXTEND 1H30") == "Which car? Write EXTEND 1H30 and one of: XYZ 789, ABC 123."
    assert caller.answer("OUT").startswith("Which car? Write OUT and")
    assert "ABC 123 until" in caller.answer("EXTEND 1H abc-123")


@pytest.mark.parametrize("said", ["OUT", "Out ABC123", "STOP PARKING", "Stop parking!", "STOP ABC 123", "PARAR PARKING",
                                  "End parking", "SALIR"])  # fmt: skip
def test_out_ends_a_stay_where_nothing_is_due_and_opts_out_of_nothing(caller, number, stay, said):
    answer = caller.answer(said)
    assert (fresh(stay).status, stopped()) == ("ended", False)
    assert stay.number in answer
    row = InboundMessage.objects.get()
    assert (row.meaning, row.word) == ("command", "OUT")


@pytest.mark.parametrize(
    "said", ["STOP", "STOP ALL", "stop the parking messages", "STOP XYZ789", "STOP parking messages"]
)
def test_every_other_stop_opts_out_and_ends_no_stay(caller, number, stay, said):
    answer = caller.answer(said)
    assert (fresh(stay).status, stopped()) == ("active", True)
    assert "Your stay at West Lot goes on; write STOP PARKING to end it." in answer
    assert text.measure(answer).segments <= 2


def test_end_is_the_carriers_word_too(caller, number, stay):
    caller.answer("END")
    assert (fresh(stay).status, stopped()) == ("active", True)
    assert stay.number in caller.answer("STOP PARKING")
    assert fresh(stay).status == "ended"


def test_who_has_no_stay_hears_nothing_of_one(caller, number, stay):
    assert "stay" not in caller.answer("STOP", sender=GUSES)
    assert "West" not in caller.answer("STOP PARKING", sender=GUSES)
    assert not Suppression.objects.filter(address=FAYS).exists()


def test_behind_a_barrier_a_stay_ends_when_the_car_leaves(caller, number, capacity):
    stay = come(capacity, "ABC 123", minutes=10, until=60)
    charging.pay(fresh(stay), payer=None, payment_method="pm_card_visa", now=timezone.now())
    assert "when the car leaves" in caller.answer("OUT")
    assert "until your car leaves" in caller.answer("STOP")
    assert fresh(stay).status == "active"


def test_what_is_due_is_paid_before_the_stay_ends(caller, number, open_lot):
    stay = come(open_lot, "ABC 123", minutes=70)
    answer = caller.answer("OUT")
    assert "is to be paid first" in answer
    assert access.payer_link(stay) in answer
    assert fresh(stay).status == "active"


@pytest.mark.parametrize("said", ["EXTEND 1H", "EXTEND 1H ABC123", "OUT", "OUT ABC123", "STOP ABC123", "STATUS"])
def test_nobody_reaches_anothers_stay(caller, number, stay, said):
    answer = caller.answer(said, sender=GUSES)
    assert "West" not in answer
    assert (fresh(stay).status, fresh(stay).expires_at) == ("active", stay.expires_at)
    assert not ParkingCharge.objects.filter(kind="extension").exists()


def test_the_link_pays_and_does_no_more(caller, number, api, stay):
    caller.answer("EXTEND 1H")
    api.credentials(HTTP_X_PARKING_ACCESS_CODE=access.payer_code_for(stay))
    assert api.post(f"/api/v1/parking/sessions/{stay.pk}/end", {}, format="json").status_code == 403


def test_a_message_delivered_again_extends_once(caller, number, stay):
    type(stay).objects.filter(pk=stay.pk).update(price_set=0)
    first = caller.text("EXTEND 1H", sid="SMsame")
    assert caller.text("EXTEND 1H", sid="SMsame").content == first.content
    assert fresh(stay).expires_at == stay.expires_at + timedelta(hours=1)


def test_every_language_has_all_words_in_the_cheap_alphabet():
    assert set(words.WORDS) == {code for code, _ in settings.LANGUAGES}
    for spoken in words.WORDS.values():
        assert spoken.keys() == words.WORDS["en"].keys()
        assert all(text.measure(each).encoding == "GSM-7" for each in spoken.values())
    assert all(text.measure(each).encoding == "GSM-7" for each in words.REFUSALS["es"].values())


def test_it_is_the_same_as_in_the_app(caller, number, api, stay, fay):
    type(stay).objects.filter(pk=stay.pk).update(user=fay)
    caller.answer("EXTEND 1H")
    until = stay.expires_at + timedelta(hours=1)
    paid = post(api, fay, fresh(stay), "extend", until=until.isoformat(), payment_method="pm_card_visa")
    assert paid.json()["status"] == "succeeded"
    assert ParkingCharge.objects.filter(kind="extension").count() == 1
