from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import finding
        from trufan.lib.console import finding as search_box

        search_box.register("People", finding.find)
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import personal_data, registration, retaining  # noqa: F401  declares a flag
        from accounts.console_sessions import sessions
        from notifications import erasure

        personal_data.register("notifications", export=erasure.export, erase=erasure.erase)
        retaining.connect()
        user_logged_in.connect(sessions.signed_in, dispatch_uid="accounts.console_session.begins")
        user_logged_out.connect(sessions.signed_out, dispatch_uid="accounts.console_session.ends")
