"""The words of a message: `templates/notifications/<template>/` has `subject.txt` and `body.txt`, of which HTML is made
(`html`); perhaps `action.txt`, the words on the button that its link becomes; `sms.txt` for short messages; `push.txt`,
whose first line is the title. In another language they stand in a folder of its own within (`es/subject.txt`); a file
that is missing there is taken in the default language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import select_template
from django.utils import translation

from notifications import values
from notifications.errors import UnknownTemplate
from notifications.html import html_of
from notifications.wording import rendering

#: Each channel's files, and whether the message can do without.
FILES = {
    "email": {"subject.txt": True, "body.txt": True, "action.txt": False},
    "sms": {"sms.txt": True},
    "push": {"push.txt": True},
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SUBJECT_LENGTH = 200
_LINKS = ("link", "order_url", "stay_url", "receipt_url", "console_url")


@dataclass(frozen=True)
class Words:
    """A message ready to be sent; `html` is empty but in mails, `subject` on channels without one.

    Push: `subject` is the title, `link` where a touch leads.
    """

    text: str
    subject: str = ""
    html: str = ""
    link: str = ""


def check(template: str, channel: str) -> None:
    """Raise `UnknownTemplate` unless every needed file is there and parses (`TemplateSyntaxError` if not).

    By `any` channel: those of one of the channels at least.
    """
    if channel == "any":
        if not any(has_words(template, one) for one in FILES):
            raise UnknownTemplate(f"notifications/{template}/ has the words of no channel")
        return
    if channel not in FILES:
        raise UnknownTemplate(f"no channel is called {channel!r}")
    for file, needed in FILES[channel].items():
        if needed and _load(template, file) is None:
            raise UnknownTemplate(f"notifications/{template}/{file} is missing")


def has_words(template: str, channel: str) -> bool:
    """Whether the message can be said on this channel at all."""
    return all(_load(template, file) is not None for file, needed in FILES[channel].items() if needed)


def render(
    template: str, channel: str, context: dict[str, Any], language: str = "", venue_id: UUID | None = None
) -> Words:
    """The message in words, those of the venue where it has its own.

    Text is not escaped, HTML is; a subject is one line without control characters.
    """
    check(template, channel)
    everywhere = {"site_url": settings.FRONTEND_URL, "public_url": settings.PUBLIC_URL}
    known = {**everywhere, **values.spoken(context, language or settings.LANGUAGE_CODE)}
    own = rendering.own(venue_id, template, channel, known, language or settings.LANGUAGE_CODE) if venue_id else {}
    said = {file: own[file] if file in own else _render(template, file, known, language) for file in FILES[channel]}
    if channel == "sms":
        return Words(text=said["sms.txt"].strip())
    if channel == "push":
        title, _, text = said["push.txt"].strip().partition("\n")
        return Words(text=text.strip(), subject=_one_line(title), link=link_of(context))
    subject, text = _one_line(said["subject.txt"]), said["body.txt"].strip() + "\n"
    html = html_of(
        subject,
        text,
        link=link_of(context),
        action=_one_line(said["action.txt"]),
        language=language or settings.LANGUAGE_CODE,
    )
    return Words(text=text, subject=subject, html=html)


def link_of(context: dict[str, Any]) -> str:
    """Where the message leads: the address of its button, and of a touch on its push."""
    return next((str(context[key]) for key in _LINKS if context.get(key)), "")


def _one_line(text: str) -> str:
    return _CONTROL.sub("", " ".join(text.split()))[:_SUBJECT_LENGTH]


def _load(template: str, file: str, language: str = "") -> Any:
    folder = f"notifications/{template}"
    names = [f"{folder}/{file}"]
    if language and language != settings.LANGUAGE_CODE:
        names.insert(0, f"{folder}/{language}/{file}")
    try:
        return select_template(names)
    except TemplateDoesNotExist:
        return None


def _render(template: str, file: str, context: dict[str, Any], language: str) -> str:
    loaded = _load(template, file, language)
    if loaded is None:
        return ""
    with translation.override(language or settings.LANGUAGE_CODE):
        return loaded.template.render(Context(context, autoescape=False))
