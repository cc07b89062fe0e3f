"""System checks: the demo's passwords in production, and sign-up codes without a mail server."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections


@register(Tags.database)
def check_demo_passwords(
    app_configs: object, databases: Sequence[str] | None = None, **_: object
) -> list[CheckMessage]:
    """Report each enabled demo login that still has the demo's password (accounts.E001)."""
    if not settings.PRODUCTION or not databases:
        return []
    from accounts.demo import DEMO_LOGINS, DEMO_PASSWORD
    from accounts.models import User

    try:
        if User._meta.db_table not in connections["default"].introspection.table_names():
            return []
        users = [user for user in User.objects.filter(pk__in=DEMO_LOGINS) if user.enable]
    except DatabaseError:
        return []  # the table's columns are not migrated yet
    return [
        Error(
            f"login {user.login} has the demo's password",
            hint="Set another one with `manage.py changepassword`, or disable the user.",
            id="accounts.E001",
        )
        for user in users
        if user.check_password(DEMO_PASSWORD)
    ]


@register
def check_codes_can_be_sent(app_configs: object, **_: object) -> list[CheckMessage]:
    """Report SIGN_UP_VERIFY without a mail server: nobody could sign up (accounts.E002)."""
    if not settings.PRODUCTION or not settings.SIGN_UP_VERIFY or settings.EMAIL_URL:
        return []
    return [
        Error(
            "SIGN_UP_VERIFY wants codes mailed, and there is no mail server",
            hint="Set EMAIL_URL, or unset SIGN_UP_VERIFY.",
            id="accounts.E002",
        )
    ]
