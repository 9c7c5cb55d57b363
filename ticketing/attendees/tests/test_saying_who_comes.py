"""The holder says who comes, until the deadline; a new holder starts anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import personal_data
from audit.models import AuditLog
from events.models import Event
from orders import access as orders_access
from ticketing.attendees import keeping
from ticketing.attendees.asking import Given
from ticketing.models import Answer, Attendee, Ticket
from ticketing.tests.sales import buy
from ticketing.transfers import answering, offering
from trufan.tests.console_client import as_, press, url


@pytest.fixture
def ticket(fay, table) -> Ticket:
    return buy(fay, table)[0]


def path(ticket):
    return f"/api/v1/tickets/{ticket.pk}/attendee"


def said(meal, rules, **other):
    return {"name": "Finn Friend", "email": "finn@example.com"} | other | {
        "answers": {str(meal.pk): "Fish", str(rules.pk): True}
    }  # fmt: skip


def test_what_is_missing_is_shown_and_then_said(api, fay, ticket, gala, meal, rules):
    shown = api.as_(fay).get(path(ticket)).json()
    assert shown["missing"] == ["name", f"answers.{meal.pk}", f"answers.{rules.pk}"]
    assert (shown["is_editable"], shown["asked"]["names"]) == (True, "required")
    assert shown["editable_until"] == (gala.starts_at - timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    answer = api.as_(fay).put(path(ticket), said(meal, rules))
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["missing"], answer.json()["answers"]) == ([], {str(meal.pk): "Fish", str(rules.pk): True})
    ticket.refresh_from_db()
    assert ticket.holder_name == "Finn Friend"
    entry = AuditLog.objects.get(action="ticket.attendee_changed")
    assert entry.new_values == {"fields": ["name", "email", f"answers.{meal.pk}", f"answers.{rules.pk}"]}
    assert "finn" not in str(entry.new_values | entry.old_values).lower()


def test_said_again_the_consent_keeps_its_time(api, fay, ticket, meal, rules):
    api.as_(fay).put(path(ticket), said(meal, rules))
    agreed = Answer.objects.get(question=rules)
    rules.text = "I agree to other rules."
    rules.save()
    api.as_(fay).put(path(ticket), said(meal, rules, name="Zoe Zest"))
    again = Answer.objects.get(question=rules)
    assert (again.pk, again.answered_at, again.asked) == (agreed.pk, agreed.answered_at, "I agree to the rules.")
    assert AuditLog.objects.filter(action="ticket.attendee_changed").count() == 2
    api.as_(fay).put(path(ticket), said(meal, rules, name="Zoe Zest"))
    assert AuditLog.objects.filter(action="ticket.attendee_changed").count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5.5, "email": []}, "email"),
        ({"name": "A", "email": "no"}, "email"),
        ({"name": "A", "answers": {"x": "y"}}, "answers"),
        ([1], "non_field_errors"),
    ],
)
def test_too_little_or_garbage_is_told_so(api, fay, ticket, body, field):
    answer = api.as_(fay).put(path(ticket), body)
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert field in {each["field"] for each in answer.json()["error"]["details"]}
    assert not Attendee.objects.exists()


def test_after_the_deadline_only_staff_change_it(api, fay, olga, ticket, gala, meal, rules):
    soon = timezone.now() + timedelta(hours=23)
    Event.objects.filter(pk=gala.pk).update(doors_at=soon, starts_at=soon, ends_at=soon + timedelta(hours=3))
    answer = api.as_(fay).put(path(ticket), said(meal, rules))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "attendees_closed")
    assert api.as_(fay).get(path(ticket)).json()["is_editable"] is False
    answers = {"name": "Finn Friend", "email": "", f"answer_{meal.pk.hex}": "Nothing", f"answer_{rules.pk.hex}": "yes"}
    assert press(olga, ticket, "attendee", **answers) == f"Who comes with ticket {ticket} is noted."
    assert Answer.objects.get(question=meal).value == "Nothing"
    page = as_(olga).get(url(Ticket, "change", ticket.pk)).content.decode()
    assert "Finn Friend" in page
    assert "What will you eat?" in page


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "used", "used_at": timezone.now()}, "ticket_used"),
        ({"status": "refunded"}, "ticket_refunded"),
    ],
)
def test_what_admits_nobody_any_more_stays_as_it_is(api, fay, ticket, meal, rules, change, code):
    Ticket.objects.filter(pk=ticket.pk).update(**change)
    assert api.as_(fay).put(path(ticket), said(meal, rules)).json()["error"]["code"] == code


def test_strangers_do_not_know_of_it(api, ticket, stan, gus, olga, meal, rules):
    for who in (None, stan, gus, olga):
        assert api.as_(who).get(path(ticket)).status_code == 404
        assert api.as_(who).put(path(ticket), said(meal, rules)).status_code == 404


def test_a_guest_says_it_by_the_orders_code(api, table, meal, rules):
    ticket = buy(None, table)[0]
    key = {"X-Order-Access-Code": orders_access.code_for(ticket.order)}
    assert api.as_(None).put(path(ticket), said(meal, rules), headers=key).status_code == 200
    assert AuditLog.objects.get(action="ticket.attendee_changed").actor_id is None


def test_handed_on_it_starts_anew(api, fay, finn, ticket, meal, rules):
    api.as_(fay).put(path(ticket), said(meal, rules, name="Zoe Zest", email="zoe@example.com"))
    offer = offering.offer(ticket, offering.Recipient(email="finn@example.com"), by=fay, now=timezone.now())
    answering.accept(offer, finn, timezone.now())
    assert not Attendee.objects.exists()
    assert not Answer.objects.exists()
    entry = AuditLog.objects.get(action="ticket.attendee_cleared")
    assert entry.old_values == {"attendees": 1, "answers": 2}
    assert api.as_(fay).get(path(ticket)).status_code == 404
    shown = api.as_(finn).get(path(ticket)).json()
    assert (shown["name"], shown["missing"][0]) == ("", "name")
    assert api.as_(finn).put(path(ticket), said(meal, rules)).status_code == 200
    assert api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}").json()["attendee"] is None
    assert api.as_(finn).get(f"/api/v1/tickets/{ticket.pk}").json()["attendee"]["email"] == "finn@example.com"


def test_without_a_name_the_ticket_says_whose_it_is(api, fay, ticket, gala):
    api.as_(fay).put(path(ticket), {"name": "Zoe Zest"})
    Event.objects.filter(pk=gala.pk).update(configuration={"attendees": {"names": "optional"}})
    api.as_(fay).put(path(ticket), {})
    ticket.refresh_from_db()
    assert ticket.holder_name == "Fay Fan"


def test_a_person_is_told_what_is_kept_and_it_is_erased(fay, ticket, table, gala, meal, api):
    keeping.put_by_staff(ticket, Given("Zoe Zest", "zoe@example.com", {meal.pk: "Fish"}), None, timezone.now())
    (row,) = personal_data.export_all(fay)["tickets"]["held_or_bought"]
    assert row["attendee"]["email"] == "zoe@example.com"
    assert row["attendee"]["answers"][0]["asked"] == "What will you eat?"
    table.price = 100
    table.save()
    line = {"type": "ticket", "id": str(table.pk), "quantity": 1, "attendees": [{"name": "Zoe Zest"}]}
    order = api.as_(fay).post("/api/v1/orders", {"items": [line]}).json()
    api.as_(fay).post(f"/api/v1/orders/{order['id']}/cancel")
    personal_data.erase_all(fay, timezone.now())
    assert not Attendee.objects.exists()
    assert not Answer.objects.exists()
    assert "Zoe" not in str([list(model.objects.values()) for model in (Ticket, type(ticket.order_item))])
