"""The console shows the books, linked to what they tell of, and lets super admins correct an entry."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders.models import Order
from payments import refunds
from payments.models import ConnectedAccount, JournalEntry, LedgerLine, Payment, Refund, Transfer
from payments.tests.sharing import assert_books_hold, order_of, recipient
from trufan.tests.console_client import as_, buttons_on, press, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


@pytest.fixture
def payment(venue, pay, django_capture_on_commit_callbacks):
    """Paid, shared, sent, and a part of it refunded."""
    payment = pay(of=order_of(venue, [(recipient(venue), 3_000, 100)]))
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request(payment, 1_000, reason="Rain", by=None, now=timezone.now())
    return payment


def shown(user, row):
    return as_(user).get(url(type(row), "change", row.pk)).content.decode()


def test_an_entry_leads_to_its_order_payment_and_row(olga, payment):
    page = shown(olga, JournalEntry.objects.get(kind="refund"))
    for row in (
        payment,
        Order.objects.get(pk=payment.payable_id),
        Refund.objects.get(),
        ConnectedAccount.objects.get(name="Taco stand"),
    ):
        assert url(type(row), "change", row.pk) in page
    for entry in JournalEntry.objects.all():
        assert url(JournalEntry, "change", entry.pk) in page
    assert "cash at the provider" in page
    assert "$10.00" in page


@pytest.mark.parametrize("model", [Payment, Refund, Transfer])
def test_what_moved_leads_to_its_entries(olga, payment, model):
    row = model.objects.get()
    page = shown(olga, row)
    entries = JournalEntry.objects.filter(payment=payment)
    mine = entries if model is Payment else entries.filter(source_id=row.pk)
    assert mine
    for entry in mine:
        assert url(JournalEntry, "change", entry.pk) in page


def test_entries_are_found_by_order_and_narrowed_by_kind(olga, payment):
    client = as_(olga)
    found = client.get(url(JournalEntry, "changelist"), {"q": payment.reference}).context["cl"].result_list
    assert len(found) == JournalEntry.objects.count()
    found = client.get(url(JournalEntry, "changelist"), {"kind__exact": "refund"}).context["cl"].result_list
    assert [entry.kind for entry in found] == ["refund"]


def test_a_super_admin_corrects_an_entry(ada, payment):
    entry = JournalEntry.objects.get(kind="share")
    lines = list(entry.lines.order_by("position"))
    said = press(ada, entry, "correct", reason="The fee was two dollars", **{
        str(line.pk): amount for line, amount in zip(lines, ["30.00", "-28.00", "-2.00"], strict=True)
    })  # fmt: skip
    assert "countered" in said
    counter = JournalEntry.objects.get(counter_of=entry)
    assert (counter.made_by, counter.reason) == (ada, "The fee was two dollars")
    page = shown(ada, entry)
    assert url(JournalEntry, "change", counter.pk) in page
    assert "correct" not in buttons_on(ada, entry) | buttons_on(ada, counter)
    with pytest.raises(AssertionError):
        assert_books_hold()


@pytest.mark.parametrize(
    "amounts", [["30.00", "-28.00", "-2.01"], ["30.00", "-28.00", "soon"], ["30.001", "-28", "-2"]]
)
def test_a_correction_that_is_none_is_asked_again(ada, payment, amounts):
    entry = JournalEntry.objects.get(kind="share")
    answers = {str(line.pk): amount for line, amount in zip(entry.lines.order_by("position"), amounts, strict=True)}
    response = as_(ada).post(url(JournalEntry, "button", entry.pk, "correct"), {"reason": "No", **answers})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not JournalEntry.objects.filter(counter_of__isnull=False).exists()


def test_nobody_else_corrects(olga, stan, payment):
    entry = JournalEntry.objects.get(kind="share")
    assert "correct" not in buttons_on(olga, entry)
    for user in (olga, stan):
        answer = as_(user).post(url(JournalEntry, "button", entry.pk, "correct"), {"reason": "Mine"})
        assert answer.status_code in (302, 403)
    assert LedgerLine.objects.filter(entry__counter_of__isnull=False).count() == 0
