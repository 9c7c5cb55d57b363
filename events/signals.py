"""What events announce, inside the transaction that made it true: `event`, `by` (a user or None), `now`."""

from django.dispatch import Signal

event_published = Signal()
#: Besides: `reason`, a sentence for the buyers, may be empty.
event_cancelled = Signal()
event_completed = Signal()
