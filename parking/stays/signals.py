"""The facts that stays announce."""

from django.dispatch import Signal

#: All is paid, and the driver has the grace to leave. Arguments: `stay`, which the sender holds, and `since` when.
may_leave = Signal()
