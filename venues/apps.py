from django.apps import AppConfig


class VenuesConfig(AppConfig):
    name = "venues"

    def ready(self) -> None:
        from accounts import grants, personal_data
        from venues import personal, roles

        grants.register(roles.granted_to)
        grants.register_holders(roles.holders_of)
        personal_data.register("venue_staff", export=personal.export, erase=personal.erase)
