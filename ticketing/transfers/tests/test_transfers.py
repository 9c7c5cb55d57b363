"""A ticket is offered, taken under a new code, declined, taken back, or stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from events.models import Event
from notifications.models import Notification
from orders import access as orders_access
from ticketing import codes
from ticketing.models import Ticket
from ticketing.tests.sales import GUEST, buy
from ticketing.transfers import access, answering, offering
from ticketing.transfers.errors import TransferClosed
from ticketing.transfers.models import TicketTransfer
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once
from trufan.tests.console_client import as_, buttons_on, press, url

URL = "/api/v1/ticket-transfers"
FINN = {"email": "finn@example.com"}


@pytest.fixture
def tomorrow(venue) -> Event:
    starts = timezone.now() + timedelta(days=10)
    return EventFactory(
        venue=venue, name="Derby", doors_at=starts, starts_at=starts, ends_at=starts + timedelta(hours=3)
    )


@pytest.fixture
def ticket(fay, tomorrow) -> Ticket:
    return buy(fay, TicketTypeFactory(event=tomorrow))[0]


@pytest.fixture
def finn(db) -> User:
    return UserFactory(
        email="finn@example.com", first_name="Finn", last_name="Friend", email_verified_at=timezone.now()
    )


@pytest.fixture
def made(fay, ticket) -> TicketTransfer:
    return offering.offer(ticket, offering.Recipient(email="finn@example.com"), by=fay, now=timezone.now())


def offered(api, who, ticket, body=FINN, **headers):
    return api.as_(who).post(f"/api/v1/tickets/{ticket.pk}/transfers", body, headers=headers)


def code_of(transfer):
    return {access.HEADER: access.code_for(transfer)}


def test_an_offer_leaves_the_ticket_where_it_is_and_tells_the_recipient(api, fay, ticket):
    body = offered(api, fay, ticket, FINN | {"message": "North gate!"}).json()
    assert (body["status"], body["direction"], body["to"]) == ("offered", "out", "finn@example.com")
    assert body["from_name"] == "Fay Fan"
    assert "code" not in body["ticket"]
    row = Notification.objects.get(template="transfer_offered")
    transfer = TicketTransfer.objects.get()
    assert (row.recipient, row.context["message"]) == ("finn@example.com", "North gate!")
    assert row.context["link"] == access.link(transfer)
    ticket.refresh_from_db()
    assert (ticket.holder, ticket.code_version, ticket.status) == (fay, 1, "valid")
    assert api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}").json()["code"]


def test_who_accepts_holds_the_ticket_under_a_new_code_and_the_old_one_is_refused(api, fay, gus, finn, ticket, made):
    old = codes.sign(Ticket.objects.with_event().get(pk=ticket.pk))
    answer = api.as_(finn).post(f"{URL}/{made.pk}/accept")
    assert (answer.status_code, answer.json()["status"], answer.json()["direction"]) == (200, "accepted", "in")
    new = api.as_(finn).get(f"/api/v1/tickets/{ticket.pk}").json()
    assert (new["holder"], new["code"] != old) == ({"name": "Finn Friend"}, True)
    assert api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}").json()["code"] is None
    Event.objects.filter(pk=ticket.event_id).update(doors_at=timezone.now() - timedelta(hours=1))
    scan = {"event": str(ticket.event_id), "gate": "North"}
    refused = api.as_(gus).post("/api/v1/checkin/scans", scan | {"code": old, "nonce": "1"}).json()
    assert (refused["result"], refused["reason"]) == ("refused", "outdated_code")
    accepted = api.as_(gus).post("/api/v1/checkin/scans", scan | {"code": new["code"], "nonce": "2"}).json()
    assert accepted["result"] == "accepted"
    assert Notification.objects.get(template="transfer_taken").user == fay
    assert list(
        AuditLog.objects.filter(action__startswith="ticket.").order_by("created_at").values_list("action", flat=True)
    ) == [
        "ticket.offered",
        "ticket.handed_on",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_link_of_the_mail_opens_the_offer_to_whoever_signs_in_with_it(api, fay, venue):
    starts = timezone.now() + timedelta(days=3)
    show = EventFactory(venue=venue, doors_at=starts, starts_at=starts, ends_at=starts + timedelta(hours=2))
    ticket = buy(fay, TicketTypeFactory(event=show))[0]
    mail.outbox.clear()
    made = offered(api, fay, ticket).json()
    code = mail.outbox[0].body.partition("#code=")[2].split()[0]
    other = UserFactory(email_verified_at=None)
    headers = {access.HEADER: code}
    assert api.get(f"{URL}/{made['id']}", headers=headers).json()["direction"] == "in"
    assert api.as_(None).post(f"{URL}/{made['id']}/accept", headers=headers).status_code == 401
    assert api.as_(other).post(f"{URL}/{made['id']}/accept", headers=headers).status_code == 200
    assert api.as_(other).get(f"/api/v1/tickets/{ticket.pk}").json()["code"]
    assert "link" not in Notification.objects.get(template="transfer_offered").context


def test_to_strangers_there_is_no_offer(api, stan, gus, olga, made):
    unverified = UserFactory(email="finn@example.com", email_verified_at=None)
    for who in (None, stan, gus, olga, unverified):
        assert api.as_(who).get(f"{URL}/{made.pk}").status_code == 404
        assert api.as_(who).post(f"{URL}/{made.pk}/withdraw").status_code == 404
        assert api.as_(who).post(f"{URL}/{made.pk}/decline").status_code == 404
        assert api.as_(who).post(f"{URL}/{made.pk}/accept").status_code == (401 if who is None else 404)
    wrong = {access.HEADER: "A" * 26}
    assert api.as_(stan).post(f"{URL}/{made.pk}/accept", headers=wrong).status_code == 404


def test_the_recipient_does_not_take_it_back_and_the_sender_does_not_accept(api, fay, finn, made):
    assert api.as_(finn).post(f"{URL}/{made.pk}/withdraw").status_code == 404
    assert api.as_(fay).post(f"{URL}/{made.pk}/accept").status_code == 404
    assert api.as_(fay).post(f"{URL}/{made.pk}/accept", headers=code_of(made)).json()["error"]["code"] == "already_held"


def test_declined_it_is_still_the_senders(api, fay, finn, ticket, made):
    assert api.get(f"{URL}/{made.pk}", headers=code_of(made)).status_code == 200
    assert api.as_(None).post(f"{URL}/{made.pk}/decline", headers=code_of(made)).json()["status"] == "declined"
    assert Notification.objects.get(template="transfer_not_taken").context["declined"] is True
    assert api.as_(finn).post(f"{URL}/{made.pk}/accept").json()["error"]["code"] == "transfer_closed"
    assert offered(api, fay, ticket).status_code == 201


def test_taken_back_the_link_leads_nowhere(api, fay, finn, made):
    assert api.as_(fay).post(f"{URL}/{made.pk}/withdraw").json()["status"] == "withdrawn"
    assert api.as_(fay).post(f"{URL}/{made.pk}/withdraw").json()["error"]["code"] == "transfer_closed"
    assert api.as_(finn).post(f"{URL}/{made.pk}/accept").json()["error"]["code"] == "transfer_closed"
    assert Notification.objects.get(template="transfer_withdrawn").recipient == "finn@example.com"


def test_one_offer_at_a_time(api, fay, ticket, made):
    assert offered(api, fay, ticket, {"email": "other@example.com"}).json()["error"]["code"] == "transfer_open"


def test_an_offer_ends_by_the_clock_even_before_it_is_swept(api, fay, finn, ticket, made):
    later = made.expires_at
    with pytest.raises(TransferClosed):
        answering.accept(made, finn, later)
    assert answering.expire_due(later - timedelta(seconds=1)) == 0
    assert answering.expire_due(later) == 1
    assert answering.expire_due(later) == 0
    made.refresh_from_db()
    assert made.status == "expired"
    assert Notification.objects.get(template="transfer_not_taken").context["declined"] is False


def test_a_lapsed_offer_does_not_stand_in_the_way_of_a_new_one(fay, ticket, made):
    again = offering.offer(ticket, offering.Recipient(email="zoe@example.com"), by=fay, now=made.expires_at)
    made.refresh_from_db()
    assert (made.status, again.status) == ("expired", "offered")


def test_a_guest_hands_a_ticket_on_and_loses_its_code(api, tomorrow, finn):
    ticket = buy(None, TicketTypeFactory(event=tomorrow))[0]
    key = {"X-Order-Access-Code": orders_access.code_for(ticket.order)}
    assert offered(api, None, ticket).status_code == 404
    made = offered(api, None, ticket, **key).json()
    assert made["direction"] == "out"
    assert api.as_(finn).post(f"{URL}/{made['id']}/accept").status_code == 200
    assert api.as_(None).get(f"/api/v1/tickets/{ticket.pk}", headers=key).json()["code"] is None
    assert api.get(f"/api/v1/tickets/{ticket.pk}/qr.svg", headers=key).status_code == 404
    told = Notification.objects.get(template="transfer_taken")
    assert (told.user, told.recipient) == (None, GUEST.email)
    assert offered(api, None, ticket, **key).status_code == 404


def test_by_number_the_recipient_gets_a_short_message(api, fay, ticket):
    assert offered(api, fay, ticket, {"phone": "+12125550199"}).status_code == 201
    row = Notification.objects.get(template="transfer_offered")
    assert (row.channel, row.recipient) == ("sms", "+12125550199")
    zoe = UserFactory(phone="+12125550199", phone_verified_at=timezone.now())
    assert api.as_(zoe).post(f"{URL}/{TicketTransfer.objects.get().pk}/accept").status_code == 200


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"allowed": False}, "transfer_not_offered"),
        ({"until_hours_before_start": 24 * 11}, "transfer_not_offered"),
    ],
)
def test_the_events_policy_decides(api, fay, ticket, tomorrow, policy, code):
    Event.objects.filter(pk=tomorrow.pk).update(configuration={"transfer_policy": policy})
    answer = offered(api, fay, ticket)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
    assert TicketTransfer.objects.count() == 0


def test_a_ticket_changes_hands_as_often_as_the_event_allows(api, fay, finn, ticket, tomorrow, made):
    Event.objects.filter(pk=tomorrow.pk).update(configuration={"transfer_policy": {"most_per_ticket": 1}})
    assert api.as_(finn).post(f"{URL}/{made.pk}/accept").status_code == 200
    answer = offered(api, finn, ticket, {"email": "zoe@example.com"})
    assert answer.json()["error"]["code"] == "transfer_not_offered"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "used", "used_at": timezone.now()},
        {"status": "refunded"},
        {"frozen_at": timezone.now()},
        {"returning_at": timezone.now()},
    ],
)
def test_what_admits_nobody_is_neither_offered_nor_taken(api, fay, finn, ticket, made, change):
    Ticket.objects.filter(pk=ticket.pk).update(**change)
    assert api.as_(finn).post(f"{URL}/{made.pk}/accept").json()["error"]["code"] == "ticket_not_transferable"
    api.as_(fay).post(f"{URL}/{made.pk}/withdraw")
    assert offered(api, fay, ticket).json()["error"]["code"] == "ticket_not_transferable"
    ticket.refresh_from_db()
    assert ticket.holder == fay


def test_tickets_of_a_cancelled_event_stay(api, finn, tomorrow, made):
    Event.objects.filter(pk=tomorrow.pk).update(status="cancelled")
    assert api.as_(finn).post(f"{URL}/{made.pk}/accept").json()["error"]["code"] == "transfer_not_offered"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "a@example.com", "phone": "+12125550199"}, "email"),
        ({"email": "no"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"email": "fay@example.com"}, "email"),
        ({"email": "a@example.com", "message": "x" * 301}, "message"),
        ({"email": ["a@example.com"]}, "email"),
    ],
)
def test_a_bad_recipient_is_told_so(api, fay, ticket, body, field):
    answer = offered(api, fay, ticket, body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field


def test_the_list_has_both_ways_at_a_constant_cost(api, fay, finn, tomorrow, django_assert_num_queries):
    kind = TicketTypeFactory(event=tomorrow)
    for ticket in buy(fay, kind, 3):
        offering.offer(ticket, offering.Recipient(email="finn@example.com"), by=fay, now=timezone.now())
    mine = buy(finn, kind)[0]
    offering.offer(mine, offering.Recipient(email="zoe@example.com"), by=finn, now=timezone.now())
    rows = api.as_(finn).get(URL).json()["results"]
    assert [row["direction"] for row in rows] == ["out", "in", "in", "in"]
    assert api.as_(finn).get(f"{URL}?direction=in").json()["count"] == 3
    assert api.as_(finn).get(f"{URL}?direction=out&status=offered").json()["count"] == 1
    assert api.as_(finn).get(f"{URL}?ticket={mine.pk}").json()["count"] == 1
    assert api.as_(fay).get(URL).json()["count"] == 3
    with django_assert_num_queries(2):
        api.as_(finn).get(f"{URL}?limit=1")
    with django_assert_num_queries(2):
        api.as_(finn).get(URL)


def test_sent_again_under_the_same_key_it_is_one_offer(api, fay, ticket):
    first = offered(api, fay, ticket, **{"Idempotency-Key": "t-1"})
    again = offered(api, fay, ticket, **{"Idempotency-Key": "t-1"})
    assert (first.json()["id"], again.status_code) == (again.json()["id"], 201)


def test_erasing_a_person_takes_their_offers_and_names(fay, finn, ticket, made):
    from ticketing import personal

    assert personal.export(fay)["offered"][0]["to"] == "finn@example.com"
    personal.erase(fay, timezone.now())
    made.refresh_from_db()
    assert (made.status, made.from_name) == ("withdrawn", "")
    personal.erase(finn, timezone.now())
    made.refresh_from_db()
    assert made.to == ""


def test_staff_take_an_offer_back_in_the_console_and_strangers_do_not_see_it(olga, stan, made):
    page = url(TicketTransfer, "changelist")
    assert made.ticket.number in as_(olga).get(page).content.decode()
    assert press(olga, made, "withdraw") == f"The offer {made} is taken back."
    made.refresh_from_db()
    assert made.status == "withdrawn"
    assert "withdraw" not in buttons_on(olga, made)
    assert made.ticket.number not in as_(stan).get(page).content.decode()
    assert as_(stan).get(url(TicketTransfer, "button", made.pk, "withdraw")).url == "/admin/"


def test_a_tickets_page_in_the_console_says_to_whom_it_was_offered(olga, made):
    assert "finn@example.com" in as_(olga).get(url(Ticket, "change", made.ticket_id)).content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_have_the_link_one_gets_the_ticket(fay, venue):
    starts = timezone.now() + timedelta(days=3)
    show = EventFactory(venue=venue, doors_at=starts, starts_at=starts, ends_at=starts + timedelta(hours=2))
    ticket = buy(fay, TicketTypeFactory(event=show))[0]
    made = offering.offer(ticket, offering.Recipient(email="finn@example.com"), by=fay, now=timezone.now())
    people = [UserFactory() for _ in range(6)]

    def take(number: int) -> TicketTransfer:
        return answering.accept(TicketTransfer.objects.with_ticket().get(pk=made.pk), people[number], timezone.now())

    taken = [one for one in at_once(6, take) if isinstance(one, TicketTransfer)]
    ticket.refresh_from_db()
    assert len(taken) == 1
    assert (ticket.holder_id, ticket.code_version) == (taken[0].accepted_by_id, 2)


@pytest.mark.django_db
def test_a_rolled_back_offer_tells_nobody(fay, ticket):
    with pytest.raises(RuntimeError), transaction.atomic():
        offering.offer(ticket, offering.Recipient(email="finn@example.com"), by=fay, now=timezone.now())
        raise RuntimeError
    assert Notification.objects.filter(template="transfer_offered").count() == 0
