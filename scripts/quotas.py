"""What `GET /limits` tells about scripts."""

from api.quotas import Quota
from scripts.models import Script
from scripts.services import MOST_BYTES, MOST_SCRIPTS


def of(login: int) -> list[Quota]:
    """Their number, and the bytes of their texts."""
    number, size = Script.objects.of(login).stored()
    return [Quota("scripts", MOST_SCRIPTS, number), Quota("scripts_bytes", MOST_BYTES, size)]
