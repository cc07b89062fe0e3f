"""System check: reports by e-mail without a mail server."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def check_reports_can_be_sent(app_configs: object, **_: object) -> list[CheckMessage]:
    """Report REPORT_MAIL_ROLE without a mail server: nobody would get a report (trading.E001)."""
    if not settings.PRODUCTION or not settings.REPORT_MAIL_ROLE or settings.EMAIL_URL:
        return []
    return [
        Error(
            "REPORT_MAIL_ROLE wants reports mailed, and there is no mail server",
            hint="Set EMAIL_URL, or unset REPORT_MAIL_ROLE.",
            id="trading.E001",
        )
    ]
