"""The language of a venue: of papers for people of whom no language is known.

The venue says so in its configuration: `{"language": "es"}`, a code of `settings.LANGUAGES`.
"""

from __future__ import annotations

from django.conf import settings

from venues.models import Venue


def language_of(venue: Venue) -> str:
    """The code; the default where the venue says nothing, or no language of ours: the configuration is its own JSON."""
    chosen = venue.configuration.get("language")
    return chosen if isinstance(chosen, str) and chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
