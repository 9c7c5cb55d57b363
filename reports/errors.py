"""What reports refuse."""

from trufan.lib.errors import Missing
from trufan.lib.words import lazy as _


class NoSuchReport(Missing):
    code, message = "report_not_found", _("There is no such report.")
