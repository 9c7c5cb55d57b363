"""The facts that accounts announce."""

from django.dispatch import Signal

#: kwargs: user. Sent inside the transaction in which the person proved that their e-mail address is theirs.
email_verified = Signal()
