"""Without a mail server a mail is printed, so that its links can be followed."""

from io import StringIO

from django.core.mail import EmailMultiAlternatives

from notifications.backends.console import EmailBackend


def test_a_printed_mail_shows_its_text_and_no_html():
    printed = StringIO()
    mail = EmailMultiAlternatives("Paid", "See https://trufan.example/orders/1\n", to=["fay@example.com"])
    mail.attach_alternative("<p>See</p>", "text/html")

    assert EmailBackend(stream=printed).send_messages([mail]) == 1

    assert "Mail to fay@example.com: Paid\n\nSee https://trufan.example/orders/1\n" in printed.getvalue()
    assert "<p>" not in printed.getvalue()
