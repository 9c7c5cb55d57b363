"""What events announce, inside the transaction that made it true: `event`, `by` (a user or None), `now`."""

from django.dispatch import Signal

event_published = Signal()
#: Besides: `reason`, a sentence for the buyers, may be empty; `refunds`, whether their money goes back by itself.
event_cancelled = Signal()
event_completed = Signal()
#: A published event has other times. Besides: `was_starts_at`, `was_doors_at`; `answer_by`, until when buyers may give
#: back for it, or None.
event_moved = Signal()
