"""What seating plans may answer instead of yes."""

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class SeatingPlanNameTaken(Conflict):
    code, message = "seating_plan_name_taken", _("This venue already has a seating plan of that name.")


class SeatingPlanRetired(Conflict):
    """Its seats stay as the events that used them knew them."""

    code, message = (
        "seating_plan_retired",
        _("This seating plan is retired. Bring it back before you replace its seats."),
    )


class SeatsInUse(Conflict):
    """Somebody sells or sold by them: they may move, and not go."""

    code, message = "seats_in_use", _("Some of the seats that the file leaves out are in use. Nothing was changed.")
