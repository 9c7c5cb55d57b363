from django.apps import AppConfig


class VenuesConfig(AppConfig):
    name = "venues"

    def ready(self) -> None:
        from trufan.lib.console import finding as search_box
        from venues import finding

        search_box.register("Staff", finding.find)
        from accounts import grants, personal_data
        from notifications.mail import replying
        from notifications.webhooks import managers
        from trufan.lib import retention
        from trufan.lib.retention import Staying
        from trufan.lib.words import lazy as _
        from venues import contact, personal, roles
        from venues.webhook_managers import managers_of

        grants.register(roles.SOURCE)
        grants.register_holders(roles.holders_of)
        managers.register(managers_of)
        retention.stays(
            Staying(
                "venues.contacts",
                _("How a venue itself is reached, and who works there"),
                _("They are the business's own, until it changes them."),
                ("venues.Venue.contact_email", "venues.Venue.contact_phone", "venues.VenueDevice.name"),
            )
        )
        personal_data.register("venue_staff", export=personal.export, erase=personal.erase)
        replying.register(contact.reply_to)
