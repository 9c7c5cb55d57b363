from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = "Money"

    def ready(self) -> None:
        from accounts import personal_data
        from payments import (
            dispute_recovery,
            onboarding,
            personal,
            reconciliation,
            recovery,
            refunds,
            reversals,
            sandbox_payer,
            transfers,
            webhooks,
        )
        from trufan.lib import retention, sweeps
        from trufan.lib.retention import Staying
        from trufan.lib.words import lazy as _

        retention.stays(
            Staying(
                "payments.books",
                _("Payments, refunds, disputes, the ledger and what the provider told of them"),
                _("Tax law asks for the books. They name a row, not a person; a payer's details are never stored."),
                (
                    "payments.ConnectedAccount.contact_email",
                    "payments.Dispute.evidence",
                    "payments.ReconciliationFinding.note",
                    "payments.WebhookEvent.payload",
                ),
            )
        )
        personal_data.register("payments", export=personal.export, erase=personal.erase)
        sweeps.register("payments.sandbox_webhooks", sandbox_payer.deliver_due)
        sweeps.register("payments.webhooks", webhooks.process_due)
        sweeps.register("payments.unsettled", recovery.recover)
        sweeps.register("payments.disputes", dispute_recovery.refresh_due)
        sweeps.register("payments.new_disputes", dispute_recovery.look_for_new)
        sweeps.register("payments.refunds", refunds.execute_due)
        sweeps.register("payments.reversals", reversals.execute_due)
        sweeps.register("payments.accounts", onboarding.refresh_due)
        sweeps.register("payments.transfers", transfers.send_due)
        sweeps.register("payments.reconciliation", reconciliation.nudge_due)
