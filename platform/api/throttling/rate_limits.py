"""The rate limits: which rules there are, what each counts and how much it allows."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from api.authentication import SAFE_METHODS
from api.throttling.gcra import RateLimitCharge
from core.clock import DAY_S
from core.errors import TooFrequent

QUARTER_HOUR = 900  # seconds
ANYWHERE_FACTOR = 4  # times as many wrong passwords, from all addresses or known devices together


class TooManyTradeRequests(TooFrequent):
    code = "RET_TRADE_TOO_MANY_REQ"
    default = "too many trade requests"


@dataclass(frozen=True, slots=True)
class RateLimitRule:
    """At most `times` the setting's number in a period; a setting of 0 turns the rule off."""

    name: str
    setting: str
    period: int  # seconds
    scope: Literal["address", "login", "login_address", "email"]
    writes_only: bool = False
    error: type[TooFrequent] = TooFrequent
    times: int = 1

    @property
    def limit(self) -> int:
        limit: int = getattr(settings, self.setting)
        return limit * self.times

    def counts(self, method: str | None) -> bool:
        """Return whether requests of this method are counted."""
        return not (self.writes_only and method in SAFE_METHODS)

    def charge(
        self, address: str, login: int, cost: int = 1, *, email: str = ""
    ) -> RateLimitCharge | None:
        """Return what a request costs, None where the rule is off or the subject unknown."""
        subject = {
            "address": address,
            "login": str(login or ""),
            "login_address": f"{login}:{address}" if login else "",
            "email": email and mailbox_key(email),
        }[self.scope]
        if not self.limit or not subject:
            return None
        return RateLimitCharge(f"limit:{self.name}:{subject}", self.limit, self.period, cost)


RULES = {
    rule.name: rule
    for rule in (
        RateLimitRule("address", "LIMIT_ADDRESS", 60, "address"),
        # Attempts at a password: sign-in, sign-up and its change.
        RateLimitRule("sign_address", "LIMIT_SIGN_ADDRESS", 60, "address", writes_only=True),
        RateLimitRule("sign_login", "LIMIT_SIGN_LOGIN", 60, "login_address", writes_only=True),
        # Wrong passwords; counted by `staff_auth.slowdown` alone.
        RateLimitRule("sign_failures", "LIMIT_SIGN_FAILURES", QUARTER_HOUR, "login_address"),
        RateLimitRule(
            "sign_failures_anywhere",
            "LIMIT_SIGN_FAILURES",
            QUARTER_HOUR,
            "login",
            times=ANYWHERE_FACTOR,
        ),
        RateLimitRule(
            "sign_failures_known",
            "LIMIT_SIGN_FAILURES",
            QUARTER_HOUR,
            "login",
            times=ANYWHERE_FACTOR,
        ),
        # New accounts; counted when one is about to be opened.
        RateLimitRule("sign_up_minute", "LIMIT_SIGN_UP_MINUTE", 60, "address"),
        RateLimitRule("sign_up_day", "LIMIT_SIGN_UP_DAY", DAY_S, "address"),
        RateLimitRule("sign_up_email_minute", "LIMIT_SIGN_UP_MINUTE", 60, "email"),
        RateLimitRule("sign_up_email_day", "LIMIT_SIGN_UP_EMAIL_DAY", DAY_S, "email"),
        RateLimitRule("upload", "LIMIT_UPLOAD", 60, "login", writes_only=True),
        RateLimitRule(
            "trading", "LIMIT_TRADING", 1, "login", writes_only=True, error=TooManyTradeRequests
        ),
    )
}


SIGN_UP_RULES = tuple(name for name in RULES if name.startswith("sign_up_"))


def mailbox_key(email: str) -> str:
    """Return a digest that is the same for all spellings of a mailbox: any case, any +tag.

    The address itself does not belong in Redis.
    """
    name, _, domain = email.strip().casefold().rpartition("@")
    return hashlib.sha256(f"{name.partition('+')[0]}@{domain}".encode()).hexdigest()[:32]


def rules_counting(names: Iterable[str], method: str | None) -> Iterator[RateLimitRule]:
    """Yield the rules of these names that count a request of this method."""
    return (RULES[name] for name in names if RULES[name].counts(method))
