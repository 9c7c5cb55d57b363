"""HTML of a mail, made from its text: one source of words, one frame (`templates/notifications/base.html`).

A paragraph is what stands between empty lines; lines that begin with two spaces are a list; a line that is nothing but
an address is a link, and the one that the message is about (`link`) a button. All of it is escaped.
"""

from __future__ import annotations

import re
from itertools import groupby

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,:;!?)]")
_BUTTON = (
    '<p style="margin:0 0 8px;"><a href="{0}" class="button" style="display:inline-block; padding:12px 22px;'
    " border-radius:8px; background:#4f46e5; color:#ffffff; font-size:16px; font-weight:600;"
    ' text-decoration:none;">{1}</a></p><p class="quiet" style="margin:0 0 16px; font-size:13px; line-height:1.5;'
    ' color:#6b7280; word-break:break-all;">{0}</p>'
)
_PREHEADER_LENGTH = 140


def html_of(subject: str, text: str, *, link: str = "", action: str = "", language: str = "") -> str:
    """The whole HTML page for a mail of these words, which are plain text as they are sent.

    `link`: the address that becomes a button where it has a line to itself; `action`: the words on it, "Open" in the
    message's language unless given. `language`: its code, of the page and of the frame's own words.
    """
    language = language or translation.get_language() or "en"
    with translation.override(language):
        label = action or {"es": "Abrir"}.get(language, "Open")
        blocks = [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]
        content = mark_safe("\n".join(_block(block, link, label) for block in blocks))  # noqa: S308
        told = [block for block in blocks[1:] or blocks if not block.strip().startswith("http")]
        context = {
            "subject": subject,
            "preheader": " ".join(" ".join(told[:1]).split())[:_PREHEADER_LENGTH],
            "content": content,
            "language": language,
        }
        return render_to_string("notifications/base.html", context)


def _block(block: str, link: str, label: str) -> str:
    """One paragraph, with the lists and the buttons that stand among its lines."""
    parts = []
    for kind, lines in groupby(block.splitlines(), key=lambda line: _kind(line, link)):
        texts = [line.strip() for line in lines]
        if kind == "list":
            items = format_html_join("", "<li>{}</li>", ((_linked(line),) for line in texts))
            parts.append(format_html('<ul style="margin:0 0 16px; padding-left:20px;">{}</ul>', items))
        elif kind == "button":
            parts.extend(format_html(_BUTTON, line, label) for line in texts)
        else:
            words = format_html_join(mark_safe("<br>"), "{}", ((_linked(line),) for line in texts))
            parts.append(format_html('<p style="margin:0 0 16px;">{}</p>', words))
    return "".join(parts)


def _kind(line: str, link: str) -> str:
    if line.startswith("  "):
        return "list"
    return "button" if link and line.strip() == link and _ADDRESS.fullmatch(link) else "text"


def _linked(line: str) -> SafeString:
    """The line escaped, its addresses as links."""
    pieces, last = [], 0
    for found in _ADDRESS.finditer(line):
        pieces.append(format_html("{}", line[last : found.start()]))
        pieces.append(format_html('<a href="{0}" style="color:#4f46e5; word-break:break-all;">{0}</a>', found[0]))
        last = found.end()
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, line[last:]]))
