from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import password_reset, personal_data, sign_in
        from notifications import erasure
        from trufan.lib import sweeps

        personal_data.register("notifications", export=erasure.export, erase=erasure.erase)
        sweeps.register("accounts.reset_requests", password_reset.answer_requests)
        sweeps.register("accounts.expired", sign_in.remove_expired)
