"""What a socket may be answered that the API never is."""

from __future__ import annotations

from django.utils.translation import gettext

from trufan.lib.errors import Conflict

#: What a socket may watch at once.
MOST_TOPICS = 50


class TooManyTopics(Conflict):
    """A socket that watches as much as it may."""

    code, message = (
        "too_many_topics",
        gettext("One connection watches at most {MOST_TOPICS} things.").format(MOST_TOPICS=MOST_TOPICS),
    )
