"""What venues ask before they act."""

from django.dispatch import Signal

#: A venue is about to take another currency: `venue`, `currency`. Who keeps amounts in the old one refuses by raising.
currency_changing = Signal()
