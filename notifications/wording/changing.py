"""Writing own words, putting them in use, and going back to the shipped ones; each with its entry in the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from notifications.wording import checking
from notifications.wording.models import MessageTemplate
from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class WordsExist(Conflict):
    """One set of words for a message and a language."""

    code, message = "words_exist", _("This message has words of your own in this language already. Change those.")


def write(by: Any, *, venue_id: UUID, template: str, language: str, **words: str) -> MessageTemplate:
    """Draw up own words, which nobody gets yet. Raises `WordsRefused`, `WordsExist`."""
    checking.check(template, language, words)
    with transaction.atomic():
        row = MessageTemplate(venue_id=venue_id, template=template, language=language, **words)
        MessageTemplate.objects.bulk_create([row], ignore_conflicts=True)
        if not MessageTemplate.objects.filter(pk=row.pk).exists():
            raise WordsExist
        record("message_template.written", row, new=words, actor=by)
    return row


def change(row: MessageTemplate, by: Any, **words: str) -> MessageTemplate:
    """Change the words. They are out of use until they are looked at and used again. Raises `WordsRefused`."""
    with transaction.atomic():
        row = MessageTemplate.objects.select_for_update().get(pk=row.pk)
        before = {name: getattr(row, name) for name in checking.LENGTHS}
        checking.check(row.template, row.language, before | words)
        for name, text in words.items():
            setattr(row, name, text)
        row.in_use = False
        row.save()
        record("message_template.changed", row, old=before, new=words, actor=by)
    return row


def use(row: MessageTemplate, by: Any, now: datetime) -> MessageTemplate:
    """Let people get these words from now on. They are checked once more. Raises `WordsRefused`."""
    return _set(row, by, in_use=True)


def go_back(row: MessageTemplate, by: Any, now: datetime) -> MessageTemplate:
    """The shipped words hold again; these are kept."""
    return _set(row, by, in_use=False)


def _set(row: MessageTemplate, by: Any, *, in_use: bool) -> MessageTemplate:
    with transaction.atomic():
        row = MessageTemplate.objects.select_for_update().get(pk=row.pk)
        if in_use:
            checking.check(row.template, row.language, {name: getattr(row, name) for name in checking.LENGTHS})
        MessageTemplate.objects.filter(pk=row.pk).update(in_use=in_use)
        row.in_use = in_use
        record("message_template.used" if in_use else "message_template.taken_back", row, actor=by)
    return row
