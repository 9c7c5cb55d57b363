"""Who comes with a ticket, and what they answered to the questions of the event."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from events.models import Event
from ticketing.attendees.querysets import AnswerQuerySet, QuestionQuerySet
from ticketing.models import Ticket, TicketType
from trufan.lib.models import BaseModel

MAX_TEXT, MAX_VALUE = 300, 1_000


class Question(BaseModel):
    """One thing that an event asks everybody who comes, or the holders of certain ticket types."""

    class Kind(models.TextChoices):
        TEXT = "text"
        CHOICE = "choice"
        #: Yes or no; a required one is answered with yes.
        CONSENT = "consent"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="questions", db_index=False)
    text = models.CharField(max_length=MAX_TEXT)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True, help_text="What to choose from, in this order.")
    required = models.BooleanField(default=False)
    ticket_types = models.ManyToManyField(
        TicketType, blank=True, related_name="questions", help_text="Whose holders are asked; none chosen: all."
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True, help_text="Without it nobody is asked any more; answers stay.")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["event", "position", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["text", "choice", "consent"]), name="attendee_question_kind_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="attendee_question_says_something"),
        ]
        indexes = [models.Index(fields=["event", "position"], name="attendee_question_event")]

    def __str__(self) -> str:
        return self.text


class Attendee(BaseModel):
    """Who comes with a ticket, in the holder's own words; the ticket's `holder_name` follows the name."""

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="attendee")
    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True, help_text="Lower case.")

    def __str__(self) -> str:
        return self.name or self.email


class Answer(BaseModel):
    """What was answered to a question for one ticket. `asked` is what the question said at that moment."""

    YES, NO = "yes", "no"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers", db_index=False)
    value = models.CharField(max_length=MAX_VALUE, help_text="Of a consent: yes or no.")
    asked = models.CharField(max_length=MAX_TEXT, help_text="What the question said then.")
    answered_at = models.DateTimeField(help_text="When it was given, and for a consent: when it was agreed to.")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["ticket", "question__position", "question__created_at"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "question"], name="attendee_answer_once"),
            models.CheckConstraint(condition=~Q(value=""), name="attendee_answer_says_something"),
        ]
        indexes = [models.Index(fields=["question"], name="attendee_answer_question")]

    def __str__(self) -> str:
        return f"{self.asked}: {self.value}"

    @property
    def shown(self) -> str | bool:
        """The value as the API says it: true or false for a consent."""
        return self.value == self.YES if self.question.kind == Question.Kind.CONSENT else self.value
