"""What staff land on: their jobs, what is to be done, how sales run, and figures that lead to their rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from orders.tests.carts import buy
from payments.models import ConnectedAccount, Dispute, Payment, Refund
from reports.models import SalesDay
from reports.rollups import keeping
from trufan.dashboard import events as panel
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory, UserFactory
from trufan.tests.console_client import as_
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
Role = VenueStaff.Role


@pytest.mark.parametrize(
    ("role", "jobs"),
    [
        (Role.BOX_OFFICE, {"Sell at the door", "Door", "Orders"}),
        (Role.DOOR, {"Door", "Orders"}),
        (Role.KITCHEN, {"Kitchen"}),
        (Role.PARKING, {"Parking", "Valet"}),
        (Role.ACCOUNTANT, {"Reports", "Orders"}),
        (Role.MANAGER, {"Sell at the door", "Door", "Kitchen", "Parking", "Valet", "Reports", "Orders"}),
    ],
)
def test_each_role_lands_on_its_jobs_and_each_opens(venue, other_venue, role, jobs):
    EventFactory(venue=other_venue, name="Zanzibar")
    client = as_(StaffFactory(venue=venue, role=role).user)
    page = client.get(INDEX)
    assert {str(job["title"]) for job in page.context["jobs"]} == jobs
    assert all(client.get(job["url"], follow=True).status_code == 200 for job in page.context["jobs"])
    assert "Zanzibar" not in page.content.decode()


def test_what_is_not_set_up_yet_is_named_with_the_page_that_mends_it(olga, venue):
    event = EventFactory(venue=venue, name="Bare Night", status="draft", starts_at=timezone.now() + timedelta(days=3))
    said = {item["text"]: item["url"] for item in as_(olga).get(INDEX).context["to_do"]}
    assert set(said) == {
        "“Bare Night” has no ticket types yet",
        "Garden Arena has no payout account yet",
        "Garden Arena charges no tax yet",
    }
    assert all(as_(olga).get(url).status_code == 200 for url in said.values())
    TicketTypeFactory(event=event)
    assert "“Bare Night” is still a draft" in {item["text"] for item in as_(olga).get(INDEX).context["to_do"]}


def test_of_many_venues_the_one_that_cannot_be_paid_out_is_named(ada, venue):
    for number in range(6):
        place = StaffFactory(venue__name=f"Hall {number}").venue
        if number < 5:
            ConnectedAccount.objects.create(
                venue_id=place.pk, name="x", provider="sandbox", country="US", default_currency="USD", status="ready"
            )
    venue.delete()
    said = [item["text"] for item in as_(ada).get(INDEX).context["to_do"]]
    assert "Hall 5 has no payout account yet" in said


def test_a_steward_has_nothing_to_set_up(gus, venue):
    EventFactory(venue=venue, status="draft", starts_at=timezone.now() + timedelta(days=3))
    assert as_(gus).get(INDEX).context["to_do"] == []


def test_a_figure_leads_to_exactly_its_rows(olga, venue, ticket_type):
    ticket_type.price = 2_000
    ticket_type.save()
    old = buy(UserFactory(), (ticket_type, 1))
    new = buy(UserFactory(), (ticket_type, 2))
    payments = type(old).objects.none().model._meta.apps.get_model("payments.Payment")
    payments.objects.filter(payable_id=old.pk).update(settled_at=timezone.now() - timedelta(days=2))
    page = as_(olga).get(INDEX)
    (figure,) = page.context["figures"]
    assert "1 payment" in figure["note"]
    rows = as_(olga).get(figure["url"]).context["cl"].result_list
    assert [row.payable_id for row in rows] == [new.pk]


def test_todays_money_is_told_by_kind(olga, ticket_type):
    ticket_type.price = 2_000
    ticket_type.save()
    order = buy(UserFactory(), (ticket_type, 2))
    table = next(each for each in as_(olga).get(INDEX).context["lists"] if str(each.title) == "Money today")
    assert table.rows[0][:2] == ["Tickets", 2]
    assert table.rows[0][2] == f"${order.amount_total / 100:.2f}"


def sold(event: Event, days_before: int, count: int) -> None:
    day = event.starts_at.astimezone(event.venue.zone).date() - timedelta(days=days_before)
    SalesDay.objects.create(
        venue_id=event.venue_id, day=day, currency="USD", kind="ticket", event_id=event.pk, quantity=count
    )


def show_at(venue, name, starts_at):
    return EventFactory(venue=venue, name=name, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))


def show_tonight(venue):
    """A show on the venue's own today, whatever the hour: what starts in three hours may start tomorrow."""
    now = timezone.now().astimezone(venue.zone)
    return show_at(venue, "Tonight", min(now + timedelta(hours=3), now.replace(hour=23, minute=59)))


def test_pace_is_held_against_the_same_day_before_past_events(olga, venue):
    tonight = show_tonight(venue)
    past = show_at(venue, "Past", tonight.starts_at.astimezone(venue.zone) - timedelta(days=7))
    sold(tonight, 1, 60)
    sold(tonight, 0, 500)  # a day that is not over is not compared
    sold(past, 10, 40)
    sold(past, 0, 300)  # nor what was sold on the last day
    (card,) = as_(olga).get(INDEX).context["tonight"]
    assert (card["pace"].sold, card["pace"].usual, card["pace"].of) == (60, 40, 1)
    assert "50 % more" in card["pace"].words
    assert card["pace"].picture.startswith("<svg")
    assert "<script" not in card["pace"].picture


@pytest.mark.parametrize(
    ("ours", "usual", "said"),
    [(10, 20.0, "50 % fewer"), (20, 20.0, "as many as usual"), (5, 0.0, "No event before")],
)
def test_pace_in_words(ours, usual, said):
    assert said in panel.Pace(ours, usual, 3, [ours], [usual]).words


def test_money_by_kind_is_counted_once_for_many_who_look(olga, ticket_type, django_assert_max_num_queries):
    buy(UserFactory(), (ticket_type, 1))
    client = as_(olga)
    client.get(INDEX)
    buy(UserFactory(), (ticket_type, 1))
    with django_assert_max_num_queries(32):
        client.get(INDEX)
    assert keeping.sweep(timezone.now())


def test_pace_is_held_against_the_same_day_of_the_week_where_there_was_one(olga, venue):
    tonight = show_tonight(venue)
    # By the venue's clock: between then and now it may have been put forward or back.
    at = tonight.starts_at.astimezone(venue.zone)
    other_days = [show_at(venue, f"Other {ago}", at - timedelta(days=ago)) for ago in range(1, 7)]
    same_day = show_at(venue, "Same day", at - timedelta(days=28))
    sold(tonight, 1, 60)
    sold(same_day, 10, 30)
    for event in other_days:
        sold(event, 10, 1_000)
    (card,) = [each for each in as_(olga).get(INDEX).context["tonight"] if each["event"] == tonight]
    assert (card["pace"].usual, card["pace"].of, card["pace"].same_weekday) == (30, 1, True)
    assert "100 % more" in card["pace"].words and "same day of the week" in card["pace"].words
    Event.objects.filter(pk=same_day.pk).update(status="cancelled")
    (card,) = [each for each in as_(olga).get(INDEX).context["tonight"] if each["event"] == tonight]
    assert (card["pace"].usual, card["pace"].of, card["pace"].same_weekday) == (1_000, 5, False)


def test_many_events_elsewhere_do_not_hide_a_venues_own(ada, venue, other_venue):
    now = timezone.now()
    tonight = show_tonight(venue)
    past = show_at(venue, "Past", now - timedelta(days=100))
    for ago in range(60):
        show_at(other_venue, f"Elsewhere {ago}", now - timedelta(days=1 + ago, hours=5))
    sold(tonight, 1, 60)
    sold(past, 10, 40)
    (card,) = [each for each in as_(ada).get(INDEX).context["tonight"] if each["event"] == tonight]
    assert (card["pace"].usual, card["pace"].of) == (40, 1)


def test_refunds_under_way_and_disputes_due_wait_for_somebody(olga, venue, ticket_type):
    order = buy(UserFactory(), (ticket_type, 1))
    payment = Payment.objects.get(reference=order.number)
    for _ in range(2):
        Refund.objects.create(
            payment=payment, amount=1, currency=payment.currency, status="pending", next_attempt_at=timezone.now()
        )
    said = {item["text"]: item["url"] for item in as_(olga).get(INDEX).context["attention"]}
    assert as_(olga).get(said["2 refunds are under way"]).context["cl"].result_count == 2
    now = timezone.now()
    for number, days in enumerate((2, 5, 30)):
        Dispute.objects.create(
            payment=payment, amount=1, currency=payment.currency, status="needs_response", reason="fraudulent",
            provider="sandbox", provider_id=f"dp_{number}", evidence_due_by=now + timedelta(days=days),
            opened_at=now, checked_at=now,
        )  # fmt: skip
    (said,) = [item["text"] for item in as_(olga).get(INDEX).context["attention"] if "dispute" in item["text"]]
    assert said.startswith("3 disputes wait; 2 answers are due within 7 days, the first ")
    Dispute.objects.filter(provider_id__in=["dp_0", "dp_1"]).update(evidence_due_by=now - timedelta(days=1))
    (said,) = [item["text"] for item in as_(olga).get(INDEX).context["attention"] if "dispute" in item["text"]]
    assert said == "3 disputes wait; the answers to 2 are overdue"
