"""The facts that tickets announce."""

from django.dispatch import Signal

#: Tickets were issued, came in, or went back, or somebody was refused. Arguments: `events`, where the sender has them
#: in hand, else `event_ids`. Sent inside the transaction.
attendance_moved = Signal()
