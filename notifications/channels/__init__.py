"""The ways to reach a person: one file each, listed here. To add one, copy a file and name it below and in
`templating.FILES`."""

from __future__ import annotations

from notifications.channels import email, push, sms
from notifications.channels.base import Channel

CHANNELS: dict[str, Channel] = {"email": email.Email(), "sms": sms.Sms(), "push": push.Push()}
