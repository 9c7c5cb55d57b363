"""The facts that payments announce."""

from django.dispatch import Signal

#: Movements were written into the books. Arguments: `entries`, the rows. Sent inside their transaction.
booked = Signal()

#: A dispute was made, or brought to where its provider says it stands. Arguments: `dispute`. Sent inside the
#: transaction.
dispute_noted = Signal()
