"""The words of a message: `templates/notifications/<template>/` has `subject.txt`, `body.txt`, perhaps `body.html`, and
`sms.txt` for short messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template

from notifications.errors import UnknownTemplate

#: Each channel's files, and whether the message can do without.
FILES = {
    "email": {"subject.txt": True, "body.txt": True, "body.html": False},
    "sms": {"sms.txt": True},
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Words:
    """A message ready to be sent; `html` is empty when the template has none, `subject` on channels without one."""

    text: str
    subject: str = ""
    html: str = ""


def check(template: str, channel: str) -> None:
    """Raise `UnknownTemplate` unless every needed file is there and parses (`TemplateSyntaxError` if not)."""
    if channel not in FILES:
        raise UnknownTemplate(f"no channel is called {channel!r}")
    for file, needed in FILES[channel].items():
        if _load(template, file) is None and needed:
            raise UnknownTemplate(f"notifications/{template}/{file} is missing")


def render(template: str, channel: str, context: dict[str, Any]) -> Words:
    """The message in words. Text is not escaped, HTML is; a subject is one line without control characters."""
    check(template, channel)
    everywhere = {"site_url": settings.FRONTEND_URL, "public_url": settings.PUBLIC_URL}
    said = {file: _render(template, file, {**everywhere, **context}) for file in FILES[channel]}
    if channel == "sms":
        return Words(text=said["sms.txt"].strip())
    subject = _CONTROL.sub("", " ".join(said["subject.txt"].split()))[:_SUBJECT_LENGTH]
    return Words(text=said["body.txt"].strip() + "\n", subject=subject, html=said["body.html"])


def _load(template: str, file: str) -> Any:
    try:
        return get_template(f"notifications/{template}/{file}")
    except TemplateDoesNotExist:
        return None


def _render(template: str, file: str, context: dict[str, Any]) -> str:
    loaded = _load(template, file)
    if loaded is None:
        return ""
    return loaded.template.render(Context(context, autoescape=file.endswith(".html")))
