"""The facts that parking announces."""

from django.dispatch import Signal

#: How full a lot was, or what it took, is different from what it was on the days of these moments. Arguments:
#: `venue_id`, `moments`. Sent inside the transaction.
figures_moved = Signal()
