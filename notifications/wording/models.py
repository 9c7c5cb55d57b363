"""A venue's own words for a message."""

from __future__ import annotations

from django.db import models

from trufan.lib import words
from trufan.lib.models import BaseModel


class MessageTemplate(BaseModel):
    """Used instead of the shipped words once it is `in_use`; what is empty is said in the shipped words."""

    venue_id = models.UUIDField()
    template = models.CharField("message", max_length=60)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True, max_length=4000, help_text="Plain text; the HTML mail is made from it.")
    sms = models.TextField("SMS", blank=True, max_length=640)
    push = models.TextField(blank=True, max_length=500, help_text="The first line is the title.")
    in_use = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["template", "language"]
        constraints = [
            models.UniqueConstraint(fields=["venue_id", "template", "language"], name="message_template_once")
        ]

    def __str__(self) -> str:
        return f"{words.within(self.template)} ({self.language})"
