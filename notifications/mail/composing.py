"""A row and its words as a mail."""

from __future__ import annotations

from email.utils import parseaddr

from anymail.message import AnymailMessage
from django.conf import settings
from django.template import Context
from django.template.loader import select_template
from django.utils.html import format_html

from notifications import attachments
from notifications.mail.replying import reply_to
from notifications.models import Notification
from notifications.preferences import unsubscribing
from notifications.templating import Words

#: The name under which a provider keeps the row's id beside the mail and gives it back in its reports.
ROW = "notification"
#: The words for "something belongs to this mail that could not be attached".
_INCOMPLETE = "attachments_missing.txt"


def message_id(row: Notification) -> str:
    """Made from the row's id, the same at each attempt: mail programs show a mail that came twice once."""
    return f"<{row.pk}@{_domain()}>"


def compose(row: Notification, words: Words) -> AnymailMessage:
    """The mail with its attachments. Raises `ChannelError` while one can't be made."""
    made = attachments.make(row)
    text, html = _with_note(row, words) if made.incomplete else (words.text, words.html)
    if address := unsubscribing.link(row):
        text, html = _with_way_out(row, address, text, html)
    message = AnymailMessage(
        words.subject,
        text,
        to=[row.recipient],
        reply_to=reply_to(row.venue_id),
        headers=_headers(row),
        metadata={ROW: str(row.pk)},
    )
    if html:
        message.attach_alternative(html, "text/html")
    for name, content, kind in made.files:
        message.attach(name, content, kind)
    return message


def _headers(row: Notification) -> dict[str, str]:
    headers = {"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"}
    if settings.EMAIL_PROVIDER == "postmark":
        headers["X-PM-KeepID"] = "true"  # else Postmark puts a Message-ID of its own over ours
    return headers | unsubscribing.headers(row)


def _with_note(row: Notification, words: Words) -> tuple[str, str]:
    """Text and HTML that say that something is missing, and where it is."""
    names = [f"mail/{row.language}/{_INCOMPLETE}", f"mail/{_INCOMPLETE}"] if row.language else [f"mail/{_INCOMPLETE}"]
    note = (
        select_template(names).template.render(Context({"site_url": settings.FRONTEND_URL}, autoescape=False)).strip()
    )
    text = f"{words.text.rstrip()}\n\n{note}\n"
    paragraph = format_html('<p style="margin:16px auto; max-width:560px;">{}</p></body>', note)
    return text, words.html.replace("</body>", paragraph, 1)


def _with_way_out(row: Notification, address: str, text: str, html: str) -> tuple[str, str]:
    """Text and HTML whose last line ends mails of this kind."""
    words = unsubscribing.words_of_link(row.language)
    line = format_html(
        '<p style="margin:0 auto; max-width:560px; padding:0 12px 24px; font-size:13px; text-align:center;">'
        '<a href="{}" style="color:#6b7280;">{}</a></p></body>',
        address,
        words,
    )
    return f"{text.rstrip()}\n\n-- \n{words}: {address}\n", html.replace("</body>", line, 1)


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
