"""What a venue's webhooks may answer instead of yes, and what can go wrong on the way to a receiver."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class TooManyEndpoints(Conflict):
    code, message = "too_many_webhook_endpoints", _("A venue has 20 webhook endpoints at most. Remove one first.")


class EndpointOff(Conflict):
    code, message = "webhook_endpoint_off", _("This webhook endpoint is switched off. Switch it on first.")


class MessageBeingSent(Conflict):
    code, message = "webhook_message_sending", _("This message is being sent at this moment. Look again in a minute.")


class BadAddress(ValueError):
    """An address that nothing is ever sent to; the text says why, in a sentence."""


class NoAnswer(Exception):
    """The receiver did not answer as HTTP asks, in time, or at all; the text says how it failed."""
