"""Quotas of settings, for `GET /limits`."""

from django.conf import settings

from api.quotas import Quota
from settings_app.models import Setting
from settings_app.services import MOST_SETTINGS


def list_quotas(login: int) -> list[Quota]:
    """Return the login's quotas: the number of settings, and the bytes of their values."""
    number, size = Setting.objects.of_login(login).count_and_bytes()
    return [
        Quota("settings", MOST_SETTINGS, number),
        Quota("settings_bytes", settings.SETTINGS_BYTES, size),
    ]
