"""Redaction of secrets in what is written: the known ones, and whatever looks like one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.http import QueryDict

from observe.context import RequestContext, current_context

HIDDEN = "[hidden]"
SHORTEST = 4  # characters; shorter secrets would match parts of ordinary words
DEEPEST = 4  # levels of JSON that are searched for secrets
MOST_FIELDS = 1000  # of a query that are searched for secrets; a longer one is refused unread
SECRET_SETTINGS = ("SECRET_KEY", "FEED_TOKEN", "METRICS_TOKEN", "SENTRY_DSN")
SECRET_URL_SETTINGS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
SENSITIVE_NAME = r"(?:passw|passphrase|secret|token|authorization|cookie|session_?id|api_?key|otp)"
SECRET_NAME = re.compile(rf"[\w.-]*{SENSITIVE_NAME}", re.IGNORECASE)
# A name, with whatever quotes it, and its value: in JSON, a header, a query, a repr or prose.
# Repetitions are bounded, or cannot restart within themselves: texts come from strangers, and the
# time must grow only linearly with their length.
NAMED = rf"""(?P<name>{SENSITIVE_NAME}[\w.-]{{0,64}}\\*["']?\s*(?::|=>?)\s*)(?P<value>
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


def redact_secrets(text: str) -> str:
    """Return the text without secrets."""
    context = current_context()
    known = [*_own_secrets()] if context is None else [*_own_secrets(), *secrets_of(context)]
    for secret in sorted(known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return PATTERN.sub(_hide_value, text)


def _hide_value(match: re.Match[str]) -> str:
    return (match["name"] or "") + HIDDEN


def _own_secrets() -> Iterator[str]:
    for name in SECRET_SETTINGS:
        value = getattr(settings, name, "")
        if len(value) >= SHORTEST:
            yield value
    for name in SECRET_URL_SETTINGS:
        yield from _url_passwords(getattr(settings, name, ""))


@lru_cache(16)
def _url_passwords(url: str) -> tuple[str, ...]:
    """Return an address's password as it stands there and decoded."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return ()
    return tuple({p for p in (password, unquote(password)) if len(p) >= SHORTEST})


def secrets_of(context: RequestContext) -> set[str]:
    """Return the secrets that the request was sent with: header, cookies, secret fields."""
    request = context.request
    if request is None:
        return set()
    found = [_credential(request.META.get("HTTP_AUTHORIZATION", ""))]
    if "HTTP_COOKIE" in request.META:
        found += request.COOKIES.values()
    if context.body is not None:
        found += _secret_values(context.body)
    if request.META.get("QUERY_STRING"):
        found += _query_secrets(request.META["QUERY_STRING"])
    form = request.__dict__.get("_post")  # only if it was read already
    if form:
        found += _form_secrets(form)
    return {secret for secret in found if len(secret) >= SHORTEST}


def _credential(header: str) -> str:
    scheme, _, credential = header.strip().partition(" ")
    return credential.strip() or scheme


def _query_secrets(query: str) -> Iterable[str]:
    """Yield the query's secrets, parsed here: Django's parser fails with too many fields."""
    fields = "&".join(query.split("&", MOST_FIELDS)[:MOST_FIELDS])
    return (value for name, value in parse_qsl(fields) if SECRET_NAME.match(name))


def _form_secrets(form: QueryDict) -> Iterable[str]:
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
