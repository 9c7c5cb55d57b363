"""Who comes is said with the cart: one for each ticket of a line."""

from __future__ import annotations

import pytest
from django.utils import timezone

from events.models import Event
from orders.models import OrderItem
from ticketing.models import Answer, Attendee, Question, Ticket, TicketType
from ticketing.waitlist import line as waitlist
from ticketing.waitlist import offering
from trufan.testing import TicketTypeFactory

ORDERS = "/api/v1/orders"


def cart(kind, *people, quantity=None):
    asked = {"type": "ticket", "id": str(kind.pk), "quantity": quantity or len(people), "attendees": list(people)}
    return {"items": [asked if people else {name: asked[name] for name in ("type", "id", "quantity")}]}


def at_purchase(event):
    policy = {"names": "required", "emails": "required", "required_when": "purchase"}
    Event.objects.filter(pk=event.pk).update(configuration={"attendees": policy})


def test_each_ticket_gets_its_own_attendee(api, fay, table, meal, rules):
    people = [
        {"name": "Fay Fan", "email": "FAY@example.com", "answers": {str(meal.pk): "Fish", str(rules.pk): True}},
        {"name": "Finn Friend", "answers": {str(rules.pk): False}},
    ]
    answer = api.as_(fay).post(ORDERS, cart(table, *people))
    assert answer.status_code == 201, answer.json()
    first, second = Ticket.objects.order_by("ordinal")
    assert (first.attendee.name, first.attendee.email) == ("Fay Fan", "fay@example.com")
    assert (second.holder_name, second.holder) == ("Finn Friend", fay)
    assert {each.asked: each.value for each in first.answers.all()} == {
        "What will you eat?": "Fish", "I agree to the rules.": "yes",
    }  # fmt: skip
    agreed = Answer.objects.get(ticket=first, question=rules)
    assert abs((timezone.now() - agreed.answered_at).total_seconds()) < 60
    assert Answer.objects.get(ticket=second).value == "no"
    # The line no longer keeps it, once the tickets do.
    assert "Finn" not in str(OrderItem.objects.get().options)
    shown = {ticket["number"]: ticket["attendee"] for ticket in api.as_(fay).get("/api/v1/tickets").json()["results"]}
    assert shown[second.number] == {"name": "Finn Friend", "email": ""}


def test_until_it_is_paid_the_line_keeps_it(api, fay, gala, meal):
    paid = TicketTypeFactory(event=gala, price=2_000)
    made = api.as_(fay).post(ORDERS, cart(paid, {"name": "Finn Friend"})).json()
    assert not Attendee.objects.exists()
    kept = api.as_(fay).patch(f"{ORDERS}/{made['id']}", {"event": str(gala.pk)})
    assert kept.status_code == 200
    changed = api.as_(fay).patch(f"{ORDERS}/{made['id']}", cart(paid, {"name": "Zoe Zest"}, {"name": "Finn Friend"}))
    assert changed.status_code == 200, changed.json()
    Question.objects.filter(pk=meal.pk).delete()
    assert api.as_(fay).post(f"{ORDERS}/{made['id']}/pay", {}).json()["status"] == "succeeded"
    assert list(Ticket.objects.order_by("ordinal").values_list("holder_name", flat=True)) == ["Zoe Zest", "Finn Friend"]


def test_what_is_required_at_purchase_is_asked_for_by_field(api, fay, gala, table, meal, rules):
    at_purchase(gala)
    people = [
        {"name": "Fay Fan", "email": "fay@example.com", "answers": {str(meal.pk): "Fish", str(rules.pk): True}},
        {"email": "finn@example.com", "answers": {str(rules.pk): False}},
    ]
    answer = api.as_(fay).post(ORDERS, cart(table, *people))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cart_refused")
    assert {(each["field"], each["code"]) for each in answer.json()["error"]["details"]} == {
        ("items[0].attendees[1].name", "required"),
        (f"items[0].attendees[1].answers.{meal.pk}", "required"),
        (f"items[0].attendees[1].answers.{rules.pk}", "required"),
    }
    assert not Ticket.objects.exists()
    nobody = api.as_(fay).post(ORDERS, cart(table, quantity=2)).json()["error"]["details"]
    assert [(each["field"], each["code"]) for each in nobody] == [("items[0].attendees", "required")]


def test_a_price_is_told_before_anybody_is_named(api, fay, gala, table):
    at_purchase(gala)
    assert api.as_(fay).post(f"{ORDERS}/preview", cart(table, quantity=2)).status_code == 200
    wrong = api.as_(fay).post(f"{ORDERS}/preview", cart(table, {"name": "A"}, quantity=2))
    assert wrong.json()["error"]["details"][0]["field"] == "items[0].attendees"


def test_whose_turn_it_is_says_it_later(fay, gala, table):
    at_purchase(gala)
    TicketType.objects.filter(pk=table.pk).update(quantity=1, held=1)
    entry = waitlist.join(TicketType.objects.with_fees().get(pk=table.pk), fay, 1, timezone.now())
    TicketType.objects.filter(pk=table.pk).update(held=0, set_aside=1)
    assert offering.sweep(timezone.now()) > 0
    entry.refresh_from_db()
    assert (entry.status, Ticket.objects.get().holder) == ("taken", fay)


@pytest.mark.parametrize(
    ("people", "field"),
    [
        ([{"name": "A"}, {"name": "B"}, {"name": "C"}], "items[0].attendees"),
        ([{"name": "A\nB"}], "items[0].attendees[0].name"),
        ([{"name": "https://example.com"}], "items[0].attendees[0].name"),
        ([{"email": "no"}], "items[0].attendees[0].email"),
        ([{"answers": {"no": "x"}}], "items[0].attendees[0].answers"),
        ([{"answers": [1]}], "items[0].attendees[0].answers"),
        ([{"answers": {"0199f3a2-d100-7d3a-a1b2-c3d4e5f60718": "x"}}],
         "items[0].attendees[0].answers.0199f3a2-d100-7d3a-a1b2-c3d4e5f60718"),
        ([["x"]], "items[0].attendees[0]"),
        ("x", "items[0].attendees"),
    ],
)  # fmt: skip
def test_garbage_is_told_so_at_its_place(api, fay, table, people, field):
    body = cart(table, quantity=1)
    body["items"][0]["attendees"] = people
    answer = api.as_(fay).post(ORDERS, body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"].startswith(field)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(("which", "value"), [("meal", "Beef"), ("meal", True), ("rules", "yes")])
def test_an_answer_fits_its_question(api, fay, table, meal, rules, which, value):
    key = str({"meal": meal, "rules": rules}[which].pk)
    answer = api.as_(fay).post(ORDERS, cart(table, {"answers": {key: value}}))
    assert answer.json()["error"]["details"][0]["field"] == f"items[0].attendees[0].answers.{key}"


def test_what_is_not_asked_is_not_taken(api, fay, ticket_type, table, meal):
    meal.ticket_types.add(TicketTypeFactory(event=table.event))
    answer = api.as_(fay).post(ORDERS, cart(table, {"answers": {str(meal.pk): "Fish"}}))
    assert answer.json()["error"]["details"][0]["code"] == "not_asked"
    answer = api.as_(fay).post(ORDERS, cart(ticket_type, {"name": "Fay"}))
    assert answer.json()["error"]["details"][0]["code"] == "not_asked"


def test_only_tickets_have_attendees(api, fay, venue):
    from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory

    burger = ProductVariantFactory(product=ProductFactory(outlet=OutletFactory(venue=venue)))
    line = {"type": "product", "id": str(burger.pk), "quantity": 1, "attendees": [{"name": "A"}]}
    assert api.as_(fay).post(ORDERS, {"items": [line]}).status_code == 422


@pytest.mark.parametrize(
    "policy",
    [{"names": "always"}, {"emails": 1}, {"required_when": "never"}, {"who": "x"}, [],
     {"editable_until_hours_before_start": -1}, {"names": []}],
)  # fmt: skip
def test_an_unclear_policy_is_refused(api, olga, gala, policy):
    answer = api.as_(olga).patch(f"/api/v1/events/{gala.pk}", {"configuration": {"attendees": policy}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"].startswith("configuration.attendees")
