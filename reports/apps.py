from django.apps import AppConfig

from trufan.lib.words import lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from notifications import attachments
        from reports import connecting, operations
        from reports.rollups import keeping
        from reports.sales import connecting as sales
        from reports.schedules import sending
        from trufan.lib import sweeps

        sales.connect()
        connecting.connect()
        operations.connect()
        sweeps.register("reports.stale_days", keeping.sweep)
        attachments.register(sending.MAKER, sending.make_file)
        sweeps.register("reports.schedules", sending.sweep)
