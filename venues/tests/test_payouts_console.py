"""A venue's payouts on a screen: how its account stands, what the provider asks for, and the buttons for it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.tests.carts import buy
from payments import requirements, sandbox_recipient
from payments.models import ConnectedAccount
from trufan.testing import StaffFactory, UserFactory
from trufan.tests.console_client import as_
from venues.models import Venue

pytestmark = pytest.mark.django_db


def screen(venue) -> str:
    return reverse("admin:venues_venue_payouts", args=[venue.pk])


def account_of(venue, **fields) -> ConnectedAccount:
    account = ConnectedAccount.objects.create(
        venue_id=venue.pk, name="Arena", provider="sandbox", country="US", default_currency="USD", **fields
    )
    Venue.objects.filter(pk=venue.pk).update(connected_account=account)
    return account


def test_a_venue_without_an_account_is_set_up_from_the_screen(olga, venue):
    page = as_(olga).get(screen(venue)).content.decode()
    assert "There is no account yet" in page and "Ask the provider" not in page
    answer = as_(olga).post(screen(venue), {"deed": "begin"})
    account = Venue.objects.get(pk=venue.pk).connected_account
    assert answer.context["link"] in answer.content.decode().replace("&amp;", "&")
    assert str(account.pk) in answer.context["link"] and account.status == "restricted"
    sandbox_recipient.complete(account.pk, answer.context["link"].partition("secret=")[2], "ready", timezone.now())
    done = as_(olga).post(screen(venue), {"deed": "ask"}, follow=True).content.decode()
    assert "The account is: Ready." in done and "Set up payouts" not in done


def test_what_the_provider_asks_for_is_said_in_words_beside_its_own_name(olga, venue):
    account_of(venue, status="restricted", provider_id="acct_1", requirements=["individual.dob.day", "odd_thing.x"])
    page = as_(olga).get(screen(venue)).content.decode()
    assert "the date of birth (about the person)" in page and "individual.dob.day" in page
    assert "odd thing: x" in page and "wants to know more" in page


def test_money_that_waits_for_the_account_stands_there(olga, venue, ticket_type):
    buy(UserFactory(), (ticket_type, 2))
    account = Venue.objects.get(pk=venue.pk).connected_account
    (transfer,) = account.transfers.all()
    sections = {each.title: each for each in as_(olga).get(screen(venue)).context["sections"]}
    assert sections["Money that waits for it"].rows == [["USD", f"${transfer.sendable / 100:,.2f}", 1]]


def test_only_who_manages_its_payouts_sees_the_screen_or_presses(gus, stan, fay, venue, ada):
    for person, code in ((gus, 403), (stan, 302), (fay, 302)):
        assert as_(person).get(screen(venue)).status_code == code
        assert as_(person).post(screen(venue), {"deed": "begin"}).status_code == code
    assert Venue.objects.get(pk=venue.pk).connected_account is None
    assert as_(ada).get(screen(venue)).status_code == 200
    assert as_(ada).post(screen(venue), {"deed": "steal"}).status_code == 404
    assert as_(ada).put(screen(venue)).status_code == 405


def test_the_venues_page_and_tonight_lead_there(olga, venue):
    page = as_(olga).get(reverse("admin:venues_venue_change", args=[venue.pk])).content.decode()
    assert screen(venue) in page
    hints = {item["url"] for item in as_(olga).get(reverse("admin:index")).context["to_do"]}
    assert screen(venue) in hints
    clerk = StaffFactory(venue=venue, role="box_office").user
    assert screen(venue) not in as_(clerk).get(reverse("admin:venues_venue_change", args=[venue.pk])).content.decode()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("external_account", "a bank account to be paid out to"),
        ("tos_acceptance.date", "the agreement to the provider’s terms"),
        ("company.tax_id", "a tax number (about the company)"),
        ("representative.verification.document", "a document that proves who it is (about the representative)"),
        ("something.new_here", "something: new here"),
    ],
)
def test_requirements_in_words(name, words):
    assert requirements.in_words(name) == words


def test_a_date_that_is_asked_for_in_three_parts_is_asked_for_once():
    assert requirements.all_in_words(["individual.dob.day", "individual.dob.month", "individual.dob.year"]) == [
        "the date of birth (about the person)"
    ]
