"""What people write is kept first, done once, and answered in at most two segments; STOP always holds."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from notifications.delivery import deliver
from notifications.models import Consent, InboundMessage, MessageSettings, SmsNumber, Suppression
from notifications.outbox import send
from notifications.sms import commands, inbound, personal, stopping, text, words
from notifications.sms.tests.conftest import FAYS, OURS, said
from trufan.lib.errors import Conflict
from trufan.testing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch) -> list[commands.Asked]:
    """Two commands of these tests' own: ECHO says what it was asked, BREAK is at odds with itself."""
    for name in ("_commands", "_spellings", "_instead"):
        monkeypatch.setattr(commands, name, dict(getattr(commands, name)))
    calls: list[commands.Asked] = []
    lock = Lock()

    def echo(asked: commands.Asked) -> str:
        with lock:
            calls.append(asked)
        if asked.words == ("REFUSE",):
            raise Conflict("Not today.")
        if asked.words == ("BREAK",):
            raise RuntimeError("a mistake")
        return f"{asked.language}: {' '.join(asked.words)} <&> " + "long " * (200 if "LONG" in asked.words else 0)

    commands.register("ECHO", echo, {"en": "ECHO: says it.", "es": "ECO: lo dice."}, {"ECO": "es"})
    return calls


def stopped() -> str:
    return ",".join(Suppression.objects.filter(channel="sms", address=FAYS).values_list("reason", flat=True))


@pytest.mark.parametrize(
    "words_", ["STOP", "stop", " Stop! ", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "PARAR", "Alto", "baja.",
               "stop texting me", "Unsubscribe please"],
)  # fmt: skip
def test_stop_is_kept_and_confirmed_once(caller, words_):
    answer = caller.answer(words_)
    assert "START" in answer
    assert text.measure(answer).segments == 1
    assert stopped() == "stopped"
    consent = Consent.objects.get()
    assert (consent.address, consent.wanted, consent.source) == (FAYS, False, "sms")
    assert consent.words == words_.strip()
    row = send("greeting", FAYS, channel="sms", context={"name": "Fay", "code": "1"})
    assert deliver(row.pk, timezone.now()).status == "withheld"


@pytest.mark.parametrize("words_", ["END of the show?", "cancel my order", "quit", "I can't stop"])
def test_other_sentences_with_such_words_are_no_opt_out(caller, words_):
    caller.answer(words_)
    assert stopped() == ("stopped" if words_ == "quit" else "")


def test_where_the_provider_answered_stop_itself_we_are_silent(caller):
    assert caller.answer("Stopp", OptOutType="STOP") == ""
    assert (stopped(), InboundMessage.objects.get().meaning) == ("stopped", "stop")
    assert caller.answer("Start", OptOutType="START") == ""
    assert stopped() == ""
    assert caller.answer("Help", OptOutType="HELP") == ""


@pytest.mark.parametrize("words_", ["START", "unstop", "YES", "Alta", "Sí", "si"])
def test_start_lifts_whatever_stood_against_the_number(caller, words_):
    for reason in ("stopped", "bounced"):
        Suppression.objects.all().delete()
        Suppression.objects.create(channel="sms", address=FAYS, reason=reason)
        assert {"STOP", "PARAR"} & set(caller.answer(words_).replace(".", "").split())
        assert stopped() == ""
    assert Consent.objects.filter(wanted=True, address=FAYS, source="sms").exists()


def test_what_else_the_provider_may_have_done_silences_nobody(caller):
    assert caller.answer("HELP", OptOutType="SOMETHING NEW") != ""


def test_neither_number_nor_words_are_logged(caller, ran, caplog):
    caplog.set_level("DEBUG")
    for words_ in ("ECHO mine", "ECHO REFUSE", "STOP", "nonsense"):
        caller.text(words_)
    caller.post("inbound", {"From": FAYS}, token="guessed")
    assert FAYS not in caplog.text
    assert "nonsense" not in caplog.text


def test_yes_means_nothing_to_who_is_not_stopped(caller):
    caller.answer("YES")
    assert (InboundMessage.objects.get().meaning, Consent.objects.exists()) == ("unknown", False)


def test_start_leaves_choices_by_kind_as_they_are(caller):
    Suppression.objects.create(channel="sms", address=FAYS, reason="unsubscribed", kind="events")
    caller.answer("START")
    assert stopped() == "unsubscribed"


def test_stop_turns_a_bounce_into_a_no(caller):
    Suppression.objects.create(channel="sms", address=FAYS, reason="bounced")
    caller.answer("STOP")
    assert stopped() == "stopped"


@pytest.mark.parametrize("words_", ["HELP", "info", "Ayuda"])
def test_help_lists_the_commands(caller, words_):
    answer = caller.answer(words_)
    assert ("READY" in answer, "EXTEND" in answer, text.measure(answer).segments <= 2) == (
        words_ != "Ayuda",
        True,
        True,
    )
    assert ("PARAR" if words_ == "Ayuda" else "STOP") in answer


@pytest.mark.parametrize(
    "words_", ["", "   ", "🎟🎟🎟", "what?", "x" * 10_000, "á" * 10_000, "\x00", "<b>&amp;", "%00'\"--"]
)
def test_what_nobody_understands_gets_a_short_help(caller, words_):
    answer = caller.answer(words_)
    assert "READY" in answer
    assert text.measure(answer).segments <= 2
    row = InboundMessage.objects.get()
    assert (row.meaning, row.answer, row.segments) == ("unknown", answer, text.measure(answer).segments)
    assert len(row.body) <= 1600


@pytest.mark.parametrize("sender", ["", "12345", "TruFan", "+12", "whatsapp:+12125550123", "5550123", OURS])
def test_who_is_no_person_gets_no_answer(caller, sender):
    for words_ in ("READY", "STOP", "HELP"):
        assert caller.answer(words_, sender=sender) == ""
    assert set(InboundMessage.objects.values_list("meaning", flat=True)) == {"ignored"}
    assert not Suppression.objects.exists()


def test_a_message_without_an_id_is_malformed(caller):
    assert caller.post("inbound", {"From": FAYS, "Body": "READY"}).status_code == 400
    assert not InboundMessage.objects.exists()


def test_a_command_is_told_all_that_is_known(caller, ran, venue, fay):
    SmsNumber.objects.create(number=OURS, venue_id=venue.pk)
    fay.phone, fay.phone_verified_at = FAYS, timezone.now()
    fay.save()
    assert caller.answer("echo 1h, please!") == "en: 1H PLEASE <&>"
    (asked,) = ran
    assert (asked.number, asked.venue_id, asked.words, asked.user) == (FAYS, venue.pk, ("1H", "PLEASE"), fay)
    row = InboundMessage.objects.get()
    assert (row.venue_id, row.user, row.meaning, row.word) == (venue.pk, fay, "command", "ECHO")


def test_a_number_that_was_only_claimed_is_nobodys(caller, ran, fay):
    fay.phone = FAYS
    fay.save()
    caller.answer("ECHO")
    assert ran[0].user is None


def test_the_answer_is_in_the_language_of_the_person_or_of_the_word(caller, ran, fay):
    assert caller.answer("ECHO").startswith("en:")
    assert caller.answer("eco").startswith("es:")
    fay.phone, fay.phone_verified_at = FAYS, timezone.now()
    fay.save()
    MessageSettings.objects.create(user=fay, language="es")
    assert caller.answer("ECHO").startswith("es:")
    assert "PARAR" in caller.answer("HELP")


def test_refusals_are_said_and_mistakes_are_ours(caller, ran):
    assert caller.answer("ECHO REFUSE") == "Not today."
    assert "our side" in caller.answer("ECHO BREAK")
    assert InboundMessage.objects.filter(handled_at=None).count() == 0


def test_an_answer_is_two_segments_at_most(caller, ran):
    answer = caller.answer("ECHO LONG")
    assert (text.measure(answer).segments, answer.endswith("...")) == (2, True)


def test_a_message_delivered_again_is_answered_the_same_and_done_once(caller, ran):
    first = caller.text("ECHO 1", sid="SMsame")
    assert caller.text("ECHO 2", sid="SMsame").content == first.content
    assert len(ran) == InboundMessage.objects.count() == 1


def test_who_died_with_a_message_lets_it_be_acted_on_again(caller, ran, monkeypatch):
    monkeypatch.setattr(inbound, "PATIENCE", 0.1)
    caller.text("ECHO", sid="SMsame")
    InboundMessage.objects.update(handled_at=None, answer="", taken_until=timezone.now() + timedelta(seconds=50))
    assert caller.text("ECHO", sid="SMsame").status_code == 503
    assert len(ran) == 1
    InboundMessage.objects.update(taken_until=timezone.now() - timedelta(seconds=1))
    assert "en:" in said(caller.text("ECHO", sid="SMsame"))
    assert len(ran) == 2


def test_nobody_pays_for_a_flood_and_stop_holds_within_it(caller, ran, settings):
    settings.SMS_COMMANDS_PER_MINUTE = 3
    answers = [caller.answer("ECHO") for _ in range(5)]
    assert [bool(each) for each in answers] == [True, True, True, False, False]
    assert len(ran) == 3
    assert caller.answer("STOP") == ""
    assert stopped() == "stopped"
    assert caller.answer("ECHO", sender="+12125550124") != ""


def test_two_machines_do_not_talk_for_ever(caller, ran, settings, monkeypatch):
    settings.SMS_COMMANDS_PER_MINUTE = 0
    monkeypatch.setattr(inbound, "MOST_A_DAY", 2)
    assert [bool(caller.answer("ECHO")) for _ in range(4)] == [True, True, False, False]


def test_an_answered_message_costs_a_fixed_number_of_queries(caller, ran, django_assert_num_queries, fay):
    fay.phone, fay.phone_verified_at = FAYS, timezone.now()
    fay.save()
    caller.answer("ECHO")
    # Whose number, the row and its return, its lease, the account and its language, answers of today, the answer.
    with django_assert_num_queries(8):
        caller.answer("ECHO")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_message_at_once_is_done_once_on_postgresql(caller, ran):
    def one(number: int) -> Any:
        try:
            return caller.text("ECHO now", sid="SMsame").content
        finally:
            connection.close()

    answers = at_once(6, one)
    assert len(set(answers)) == 1
    assert len(ran) == InboundMessage.objects.count() == 1


def test_words_are_forgotten_after_a_season_and_answers_after_a_day(caller, ran):
    caller.text("ECHO mine")
    now = timezone.now()
    assert personal.forget(now) == 0
    assert personal.forget(now + timedelta(days=2)) == 1
    row = InboundMessage.objects.get()
    assert (row.answer, row.body, row.sender) == ("", "ECHO mine", FAYS)
    assert personal.forget(now + timedelta(days=91)) == 1
    row.refresh_from_db()
    assert (row.sender, row.body, row.word) == ("", "", "ECHO")
    assert personal.forget(now + timedelta(days=91)) == 0


def test_a_person_gets_and_takes_away_what_they_wrote(caller, ran, fay, gus):
    from notifications import erasure

    fay.phone, fay.phone_verified_at = FAYS, timezone.now()
    fay.save()
    caller.text("ECHO mine")
    caller.text("ECHO others", sender="+12125550124")
    (told,) = erasure.export(fay)
    assert (told["body"], told["sender"], told["direction"]) == ("ECHO mine", FAYS, "inbound")
    assert erasure.export(gus) == []
    erasure.erase(fay, timezone.now())
    assert set(InboundMessage.objects.values_list("sender", "body", "answer", "user")) >= {("", "", "", None)}
    assert InboundMessage.objects.filter(body="ECHO others").exists()
    assert not erasure.export(fay)


@pytest.mark.parametrize("table", [words.WORDS])
def test_every_language_has_all_words_in_the_cheap_alphabet(table):
    assert set(table) == {code for code, _ in django_settings.LANGUAGES}
    for spoken in table.values():
        assert spoken.keys() == table["en"].keys()
        assert all(text.measure(each).encoding == "GSM-7" for each in spoken.values())


def test_stop_holds_whatever_the_commands_make_of_it(caller, ran):
    def mistaken(asked: commands.Asked) -> Any:
        raise RuntimeError("a mistake")

    commands.register_instead("ECHO", mistaken, mistaken)
    for words_ in ("STOP", "STOP this"):
        Suppression.objects.all().delete()
        assert "START" in caller.answer(words_)
        assert stopped() == "stopped"


def test_every_word_of_law_is_kept_from_commands():
    taken = {**stopping.STOP, **stopping.START, **stopping.YES, **stopping.HELP}
    assert not taken.keys() & commands._spellings.keys()
    with pytest.raises(ValueError, match="no help in es"):
        commands.register("NEW", lambda asked: "", {"en": "NEW"})
    with pytest.raises(ValueError, match="another command"):
        commands.register("NEW", lambda asked: "", {"en": "NEW", "es": "NEW"}, {"READY": ""})
