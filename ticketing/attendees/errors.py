"""What the questions of an event may be answered instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class AttendeesClosed(Conflict):
    """The event's deadline is over, or the event itself is; the venue's staff still may."""

    code, message = "attendees_closed", _("The time to change this is over. Ask the venue.")


class AttendeesIncomplete(Invalid):
    """What was said of those who come is wrong or not enough; `details` name the fields."""

    code, message = "attendees_incomplete", _("Some of what was said about those who come is wrong or missing.")


class QuestionAnswered(Conflict):
    """Somebody answered it: it may be retired, and its words may change, but not what kind of question it is."""

    code, message = "question_answered", _("Somebody answered this question; retire it instead.")
