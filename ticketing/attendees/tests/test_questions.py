"""Staff ask, change and retire questions; everybody reads what a public event asks."""

from __future__ import annotations

import pytest

from audit.models import AuditLog
from events.models import Event
from ticketing.attendees import keeping
from ticketing.attendees.asking import Given
from ticketing.models import Question
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_, url

MEAL = {"text": "What will you eat?", "kind": "choice", "choices": ["Fish", "Nothing"], "required": True}


def path(event):
    return f"/api/v1/events/{event.pk}/questions"


def test_a_question_is_asked_shown_changed_and_deleted(api, olga, gala, table):
    made = api.as_(olga).post(path(gala), MEAL | {"ticket_types": [str(table.pk)]})
    assert (made.status_code, made.json()["ticket_types"]) == (201, [str(table.pk)])
    (shown,) = api.as_(None).get(path(gala)).json()["results"]
    assert shown == made.json()
    one = f"/api/v1/questions/{shown['id']}"
    assert api.as_(None).get(one).json() == shown
    changed = api.as_(olga).patch(one, {"text": "What would you like to eat?", "ticket_types": []})
    assert (changed.json()["text"], changed.json()["ticket_types"]) == ("What would you like to eat?", [])
    entry = AuditLog.objects.get(action="question.changed")
    assert entry.old_values["text"] == "What will you eat?"
    assert entry.new_values == {"text": "What would you like to eat?", "ticket_types": []}
    assert api.as_(olga).delete(one).status_code == 204
    assert api.as_(olga).get(one).status_code == 404
    assert AuditLog.objects.filter(action="question.deleted").exists()


def test_once_answered_it_is_retired_not_deleted(api, fay, olga, table, meal):
    ticket = buy(fay, table)[0]
    keeping.put(ticket, Given("Fay Fan", "", {meal.pk: "Fish"}), fay, ticket.created_at)
    one = f"/api/v1/questions/{meal.pk}"
    assert api.as_(olga).delete(one).json()["error"]["code"] == "question_answered"
    assert api.as_(olga).patch(one, {"kind": "text", "choices": []}).json()["error"]["code"] == "question_answered"
    assert api.as_(olga).patch(one, {"text": "Food?"}).status_code == 200
    assert api.as_(olga).patch(one, {"is_active": False}).json()["is_active"] is False
    assert api.as_(None).get(path(meal.event)).json()["results"] == []
    assert len(api.as_(olga).get(path(meal.event)).json()["results"]) == 1
    shown = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/attendee").json()
    assert shown["answered"][0] | {"answered_at": None} == {
        "question": str(meal.pk), "asked": "What will you eat?", "value": "Fish", "answered_at": None,
    }  # fmt: skip
    assert shown["missing"] == []


def test_a_question_in_an_open_cart_is_not_deleted(api, fay, olga, gala, meal):
    paid = TicketTypeFactory(event=gala, price=100)
    line = {"type": "ticket", "id": str(paid.pk), "quantity": 1, "attendees": [{"answers": {str(meal.pk): "Fish"}}]}
    assert api.as_(fay).post("/api/v1/orders", {"items": [line]}).status_code == 201
    assert api.as_(olga).delete(f"/api/v1/questions/{meal.pk}").json()["error"]["code"] == "question_answered"


def test_strangers_neither_ask_nor_see_drafts(api, fay, gus, stan, meal):
    one = f"/api/v1/questions/{meal.pk}"
    assert api.as_(None).post(path(meal.event), MEAL).status_code == 401
    for who in (fay, gus, stan):
        assert api.as_(who).post(path(meal.event), MEAL).status_code == 403
        assert api.as_(who).patch(one, {"text": "Mine"}).status_code == 403
        assert api.as_(who).delete(one).status_code == 403
    Event.objects.filter(pk=meal.event_id).update(status="draft")
    assert api.as_(stan).patch(one, {"text": "Mine"}).status_code == 404
    assert api.as_(fay).get(one).status_code == 404
    assert api.as_(fay).get(path(meal.event)).status_code == 404
    assert api.as_(gus).get(one).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"kind": "essay"}, "kind"),
        ({"choices": ["Fish"]}, "choices"),
        ({"choices": ["Fish", "Fish"]}, "choices"),
        ({"choices": "Fish"}, "choices"),
        ({"kind": "text"}, "choices"),
        ({"ticket_types": ["no"]}, "ticket_types[0]"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_so(api, olga, gala, wrong, field):
    answer = api.as_(olga).post(path(gala), MEAL | wrong)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert not Question.objects.exists()


def test_a_ticket_type_of_another_event_is_none(api, olga, gala, ticket_type):
    answer = api.as_(olga).post(path(gala), MEAL | {"ticket_types": [str(ticket_type.pk)]})
    assert answer.json()["error"]["details"][0]["field"].startswith("ticket_types")


def test_a_closed_event_asks_nothing_more(api, olga, venue, meal):
    over = EventFactory(venue=venue, status="completed")
    assert api.as_(olga).post(path(over), MEAL).json()["error"]["code"] == "event_closed"
    Event.objects.filter(pk=meal.event_id).update(status="cancelled")
    assert api.as_(olga).delete(f"/api/v1/questions/{meal.pk}").json()["error"]["code"] == "event_closed"


def test_the_list_costs_the_same_however_long(api, gala, table, meal, django_assert_num_queries):
    with django_assert_num_queries(4):
        api.get(path(gala))
    for number in range(5):
        Question.objects.create(event=gala, text=f"{number}?").ticket_types.add(table)
    with django_assert_num_queries(4):
        assert api.get(path(gala)).json()["count"] == 6


def test_staff_ask_in_the_console(olga, gala):
    client, page = as_(olga), url(Question, "add")
    asked = {
        "event": gala.pk, "text": "Shirt size?", "kind": "choice", "choices": "S\nM", "position": 0,
        "is_active": "on",
    }  # fmt: skip
    assert client.post(page, asked).status_code == 302
    row = Question.objects.get()
    assert (row.text, row.choices, row.required) == ("Shirt size?", ["S", "M"], False)
    assert "Shirt size?" in as_(olga).get(url(Event, "change", gala.pk)).content.decode()


def test_staff_ask_and_retire_on_the_events_own_page(olga, gala):
    client, page = as_(olga), url(Event, "change", gala.pk)
    form = client.get(page).context["adminform"].form
    typed = {"name": gala.name, "description": "", "category": gala.category, "capacity": gala.capacity}
    typed |= {"configuration": form["configuration"].value()}
    for name in ("starts_at", "ends_at", "doors_at"):
        local = getattr(gala, name).astimezone(gala.venue.zone)
        typed |= {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}
    row = {"text": "Meal?", "kind": "choice", "choices": "Fish\nNothing", "position": 3, "is_active": "on"}
    sent = {f"questions-0-{name}": value for name, value in row.items()}
    sent |= {"questions-TOTAL_FORMS": 1, "questions-INITIAL_FORMS": 0}
    assert client.post(page, typed | sent).status_code == 302
    question = Question.objects.get()
    assert (question.event, question.choices, question.position) == (gala, ["Fish", "Nothing"], 3)
    sent |= {"questions-INITIAL_FORMS": 1, "questions-0-id": str(question.pk), "questions-0-event": str(gala.pk)}
    del sent["questions-0-is_active"]
    assert client.post(page, typed | sent).status_code == 302
    question.refresh_from_db()
    assert question.is_active is False
    assert list(AuditLog.objects.filter(action__startswith="question.").values_list("action", flat=True)) == [
        "question.changed",
        "question.created",
    ]
