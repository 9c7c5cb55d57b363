"""Refusals of moves and their answers."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class AnswerClosed(Conflict):
    """The time to answer is over, or the event is."""

    code, message = "answer_closed", _("The time to give these tickets back is over.")


class AlreadyAnswered(Conflict):
    code, message = "already_answered", _("These tickets were given back already.")


class NotMovable(Conflict):
    code, message = "not_movable", _("Only a published event is moved; change a draft.")
