"""Redaction of secrets in what is written: the known ones, and whatever looks like one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings

from observe.trace import Trace, current

HIDDEN = "[hidden]"
SHORTEST = 4  # characters; shorter secrets would match parts of ordinary words
DEEPEST = 4  # levels of JSON that are searched for secrets
MOST_FIELDS = 1000  # of a query that are searched for secrets; a longer one is refused unread
OWN = ("SECRET_KEY", "FEED_TOKEN", "METRICS_TOKEN", "SENTRY_DSN")
OWN_URLS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
WORD = r"(?:passw|passphrase|secret|token|authorization|cookie|session_?id|api_?key|otp)"
SECRET_NAME = re.compile(rf"[\w.-]*{WORD}", re.IGNORECASE)
# A name, with whatever quotes it, and its value: in JSON, a header, a query, a repr or prose.
# Repetitions are bounded, or cannot restart within themselves: texts come from strangers, and the
# time must grow only linearly with their length.
NAMED = rf"""(?P<name>{WORD}[\w.-]{{0,64}}\\*["']?\s*(?::|=>?)\s*)(?P<value>
    \\+["'][^"'\\]*\\*["']? | b?"(?:[^"\\]|\\.)*"? | b?'(?:[^'\\]|\\.)*'?
    | (?:bearer|basic|token)\s+\S+ | [^\s,;&"')}}\]]+
)"""
PATTERN = re.compile(
    rf"""
    {NAMED}
    | (?<![\w-])eyJ[\w-]{{8,}}\.[\w-]+(?:\.[\w-]*)?     # a JSON Web Token
    | \bwhsec_[\w+/=-]+                         # a webhook's key
    | \$?argon2\w{{0,8}}\$[^\s'")]+              # a password's hash
    | \b(?:bearer|basic)\s+[\w+/=.~-]{{8,}}     # what stands in the Authorization header
    | (?<=://)[^\s/@:]{{0,128}}:[^\s@]{{1,256}}(?=@)  # user and password of an address
    """,
    re.IGNORECASE | re.VERBOSE,
)


def redacted(text: str) -> str:
    """Return the text without secrets."""
    trace = current()
    known = [*_own()] if trace is None else [*_own(), *secrets_of(trace)]
    for secret in sorted(known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return PATTERN.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    return (match["name"] or "") + HIDDEN


def _own() -> Iterator[str]:
    for name in OWN:
        value = getattr(settings, name, "")
        if len(value) >= SHORTEST:
            yield value
    for name in OWN_URLS:
        yield from _passwords(getattr(settings, name, ""))


@lru_cache(16)
def _passwords(url: str) -> tuple[str, ...]:
    """Return an address's password as it stands there and decoded."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return ()
    return tuple({p for p in (password, unquote(password)) if len(p) >= SHORTEST})


def secrets_of(trace: Trace) -> set[str]:
    """Return the secrets that the request was sent with: header, cookies, secret fields."""
    request = trace.request
    if request is None:
        return set()
    found = [_credential(request.META.get("HTTP_AUTHORIZATION", ""))]
    if "HTTP_COOKIE" in request.META:
        found += request.COOKIES.values()
    if trace.body is not None:
        found += _secret_values(trace.body)
    if request.META.get("QUERY_STRING"):
        found += _of_query(request.META["QUERY_STRING"])
    form: Any = request.__dict__.get("_post")  # only if it was read already
    if form:
        found += _of_form(form)
    return {secret for secret in found if len(secret) >= SHORTEST}


def _credential(header: str) -> str:
    scheme, _, credential = header.strip().partition(" ")
    return credential.strip() or scheme


def _of_query(query: str) -> Iterable[str]:
    """Yield the query's secrets, parsed here: Django's parser fails with too many fields."""
    fields = "&".join(query.split("&", MOST_FIELDS)[:MOST_FIELDS])
    return (value for name, value in parse_qsl(fields) if SECRET_NAME.match(name))


def _of_form(form: Any) -> Iterable[str]:
    names = (name for name in form if SECRET_NAME.match(name))
    return (value for name in names for value in form.getlist(name))


def _secret_values(value: object, depth: int = 0) -> Iterator[str]:
    """Yield the texts below secret names, wherever they stand in the JSON."""
    if depth == DEEPEST or not isinstance(value, Mapping | list):
        return
    if isinstance(value, list):
        for item in value[:100]:
            yield from _secret_values(item, depth + 1)
        return
    for name, inner in value.items():
        if SECRET_NAME.match(str(name)) and not isinstance(inner, Mapping | list):
            yield str(inner)
        else:
            yield from _secret_values(inner, depth + 1)
