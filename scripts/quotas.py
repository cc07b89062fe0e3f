"""Quotas of scripts, for `GET /limits`."""

from api.quotas import Quota
from scripts.models import Script
from scripts.services import MOST_BYTES, MOST_SCRIPTS


def list_quotas(login: int) -> list[Quota]:
    """Return the login's quotas: the number of scripts, and the bytes of their texts."""
    number, size = Script.objects.of_login(login).count_and_bytes()
    return [Quota("scripts", MOST_SCRIPTS, number), Quota("scripts_bytes", MOST_BYTES, size)]
