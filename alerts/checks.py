"""System check: in production no webhook may reach this machine itself."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def check_webhook_loopback(app_configs: object, **_: object) -> list[CheckMessage]:
    """Report WEBHOOK_ALLOW_LOOPBACK in production: it is for tests (alerts.E001)."""
    if not settings.PRODUCTION or not settings.WEBHOOK_ALLOW_LOOPBACK:
        return []
    return [
        Error(
            "WEBHOOK_ALLOW_LOOPBACK lets clients' webhooks reach this machine",
            hint="Unset WEBHOOK_ALLOW_LOOPBACK: it is for tests.",
            id="alerts.E001",
        )
    ]
