"""System checks: what a production start refuses, and the refusal itself."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks


@register
def settings_are_for_production(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The development key (platform.E001), hosts (E002) and private servers (E003)."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY or len(settings.SECRET_KEY) < 32:
        hint = "Set SECRET_KEY to 32 or more random characters."
        found.append(Error("SECRET_KEY is the development key or short", hint, id="platform.E001"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        hint = "Set ALLOWED_HOSTS to the names that the platform answers to."
        found.append(Error("ALLOWED_HOSTS is empty or a wildcard", hint, id="platform.E002"))
    if settings.OWN_DATABASE or settings.OWN_REDIS:
        hint = "Set DATABASE_URL and REDIS_URL."
        found.append(Error("production has no servers of its own", hint, id="platform.E003"))
    return found


def refuse_unsafe_start() -> None:
    """End a production process that the checks find unfit, with a line for each reason."""
    if not settings.PRODUCTION:
        return
    with ThreadPoolExecutor(1) as aside:  # an ASGI server may import us inside its event loop
        messages = aside.submit(run_checks, databases=["default"]).result()
    reasons = [message for message in messages if message.is_serious()]
    for reason in reasons:
        sys.stderr.write(f"error: {reason.id}: {reason.msg}. {reason.hint or ''}\n")
    if reasons:
        sys.exit(1)
