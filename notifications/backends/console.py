"""Mail on a laptop: printed as people read it, without the MIME parts and the HTML."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.core.mail.backends import console

_RULE = "-" * 80


class EmailBackend(console.EmailBackend):
    def write_message(self, message: EmailMessage) -> None:
        to = ", ".join(message.recipients())
        self.stream.write(f"Mail to {to}: {message.subject}\n\n{str(message.body).strip()}\n{_RULE}\n")
