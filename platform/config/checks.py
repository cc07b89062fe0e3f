"""System checks of a production start (docs/checks.md), and its refusal."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks

SHORTEST_KEY, SHORTEST_TOKEN = 32, 24  # characters
TOKENS = ("FEED_TOKEN", "METRICS_TOKEN")
ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"


class ProductionRule(NamedTuple):
    """A condition of production, broken or not, with the error's id, message and hint."""

    id: str
    is_broken: Callable[[], bool]
    message: str
    hint: str


def _has_weak_key() -> bool:
    key = settings.SECRET_KEY
    return key == settings.DEVELOPMENT_KEY or len(key) < SHORTEST_KEY


def _allows_any_host() -> bool:
    return not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS


def _uses_own_servers() -> bool:
    return bool(settings.OWN_DATABASE or settings.OWN_REDIS)


def _allows_http_cookies() -> bool:
    return not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE)


def _has_short_token() -> bool:
    return any(0 < len(getattr(settings, name)) < SHORTEST_TOKEN for name in TOKENS)


PRODUCTION_RULES = (
    ProductionRule(
        "platform.E001",
        _has_weak_key,
        "SECRET_KEY is the development key or short",
        f"Set SECRET_KEY to 50 random characters, {SHORTEST_KEY} at the very least.",
    ),
    ProductionRule(
        "platform.E002",
        _allows_any_host,
        "ALLOWED_HOSTS is empty or a wildcard",
        "Set ALLOWED_HOSTS to the names that the platform answers to.",
    ),
    ProductionRule(
        "platform.E003",
        _uses_own_servers,
        "production has no servers of its own",
        "Set DATABASE_URL and REDIS_URL.",
    ),
    ProductionRule(
        "platform.E004",
        lambda: bool(settings.DEBUG),
        "DEBUG shows settings and code to whoever causes an error",
        "Set DEBUG = False in the settings module that is used.",
    ),
    ProductionRule(
        "platform.E005",
        _allows_http_cookies,
        "cookies would go over plain HTTP",
        "Set SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE to True.",
    ),
    ProductionRule(
        "platform.E006",
        _has_short_token,
        f"one of {' and '.join(TOKENS)} is short enough to be guessed",
        f"Set it to {SHORTEST_TOKEN} or more random characters, or to nothing.",
    ),
    ProductionRule(
        "platform.E007",
        lambda: settings.PASSWORD_HASHERS[:1] != [ARGON2],
        "passwords would not be stored as Argon2 hashes",
        f"Set PASSWORD_HASHERS to begin with {ARGON2}.",
    ),
)


@register
def check_production_settings(app_configs: object, **_: object) -> list[CheckMessage]:
    """Return an error for each broken rule; none in development."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(rule.message, rule.hint, id=rule.id) for rule in PRODUCTION_RULES if rule.is_broken()
    ]


def refuse_unsafe_start() -> None:
    """Exit with status 1 and a line for each serious check that fails in production."""
    if not settings.PRODUCTION:
        return
    with ThreadPoolExecutor(1) as executor:  # an ASGI server may import this inside its event loop
        messages = executor.submit(run_checks, databases=["default"]).result()
    reasons = [message for message in messages if message.is_serious()]
    for reason in reasons:
        sys.stderr.write(f"error: {reason.id}: {reason.msg}. {reason.hint or ''}\n")
    if reasons:
        sys.exit(1)
