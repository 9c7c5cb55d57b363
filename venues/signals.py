"""What venues ask before they act, and announce."""

from django.dispatch import Signal

#: A venue is about to take another currency: `venue`, `currency`. Who keeps amounts in the old one refuses by raising.
currency_changing = Signal()

#: A venue keeps another clock from now on: `venue`. Sent inside the transaction.
time_zone_changed = Signal()
