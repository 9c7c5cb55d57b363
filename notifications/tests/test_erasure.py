"""A person can see which messages we sent, and have them taken away."""

import pytest
from django.core import mail
from django.utils import timezone

from notifications import erasure
from notifications.delivery import deliver, sweep_due
from notifications.models import Consent, MessageSettings, Notification, Preference
from notifications.outbox import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(fay, gus):
    fay.phone = "+12125550123"
    rows = {
        "sent": send("greeting", "fay@example.com", context={"name": "Fay", "link": "x"}, user=fay, dedupe_key="k"),
        "as a guest": send("plain", "Fay@Example.com", context={"name": "Fay"}),
        "by number": send("greeting", "+12125550123", channel="sms", context={"name": "Fay"}),
        "gus's": send("plain", "gus@example.com", context={"name": "Gus"}, user=gus),
    }
    for row in rows.values():
        deliver(row.pk, timezone.now())
    rows["waiting"] = send("plain", "fay@example.com", user=fay)
    return rows


def test_export_tells_what_was_said_where_and_when(messages, fay):
    told = erasure.export(fay)
    assert [(row["channel"], row["template"], row["status"]) for row in told] == [
        ("email", "greeting", "sent"),
        ("email", "plain", "sent"),
        ("sms", "greeting", "sent"),
        ("email", "plain", "pending"),
    ]
    assert told[0]["recipient"] == "fay@example.com"
    assert "context" not in told[0]


def test_erasing_blanks_all_of_a_persons_messages_and_no_others(messages, fay):
    erasure.erase(fay, timezone.now())
    for name, row in messages.items():
        row.refresh_from_db()
        if name == "gus's":
            assert (row.recipient, row.context["name"]) == ("gus@example.com", "Gus")
        else:
            assert (row.recipient, row.provider_id, "Fay" in str(row.context)) == ("", "", False)
    assert messages["sent"].status == "sent"
    assert send("greeting", "fay@example.com", dedupe_key="k") is None


def test_what_was_waiting_is_not_said_any_more(messages, fay):
    erasure.erase(fay, timezone.now())
    before = len(mail.outbox)
    assert sweep_due(timezone.now()) == 0
    assert len(mail.outbox) == before
    assert Notification.objects.get(pk=messages["waiting"].pk).status == "failed"


def test_a_person_without_a_number_takes_no_short_messages_along(messages, gus):
    erasure.erase(gus, timezone.now())
    assert Notification.objects.get(pk=messages["by number"].pk).recipient == "+12125550123"


@pytest.fixture
def choices(fay, gus):
    for user in (fay, gus):
        MessageSettings.objects.create(user=user, language="es")
        Preference.objects.create(user=user, kind="food", channel="email", wanted=False)
        Consent.objects.create(
            user=user, kind="food", channel="email", wanted=False, source="app", ip_address="203.0.113.7"
        )
    Consent.objects.create(address=fay.email, kind="food", channel="email", wanted=False, source="link", words="no")


def test_export_tells_what_a_person_chose(choices, fay):
    told = [(row["about"], row.get("source")) for row in erasure.export(fay) if "about" in row]
    assert told == [("settings", None), ("choice", None), ("consent", "app"), ("consent", "link")]


def test_erasing_forgets_choices_and_keeps_consents_without_address(choices, fay, gus):
    erasure.erase(fay, timezone.now())
    assert [row.user for row in MessageSettings.objects.all()] == [gus]
    assert [row.user for row in Preference.objects.all()] == [gus]
    kept = Consent.objects.exclude(user=gus)
    assert kept.count() == 2
    assert set(kept.values_list("address", "ip_address", "words", "wanted")) == {("", None, "", False)}
    assert Consent.objects.get(user=gus).ip_address == "203.0.113.7"
