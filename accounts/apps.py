from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import finding
        from trufan.lib.console import finding as search_box

        search_box.register("People", finding.find)
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import password_reset, personal_data, sign_in
        from accounts.console_sessions import sessions
        from notifications import erasure
        from trufan.lib import sweeps

        personal_data.register("notifications", export=erasure.export, erase=erasure.erase)
        sweeps.register("accounts.reset_requests", password_reset.answer_requests)
        sweeps.register("accounts.expired", sign_in.remove_expired)
        user_logged_in.connect(sessions.signed_in, dispatch_uid="accounts.console_session.begins")
        user_logged_out.connect(sessions.signed_out, dispatch_uid="accounts.console_session.ends")
