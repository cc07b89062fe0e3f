"""The state of one contract test: clients, remembered ids, and the database's contents."""

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Account, User
from api.authentication import COOKIE
from core import redis
from core.redis_keys import QUOTES
from core.sections import SECTIONS
from core.session_tokens import SessionToken
from market.models import Symbol

HERE = "http://testserver"
BY_THE_FEED = ("Candle", "LastQuote")  # when it comes to it, and by no request
Contents = dict[str, tuple[int, object]]


def fill_placeholders(value: Any, known: dict[str, Any]) -> Any:
    """Return the value with known values in place of `{names}`."""
    if isinstance(value, dict):
        return {name: fill_placeholders(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill_placeholders(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\{(\w+)\}", value)
    if whole:
        return known[whole[1]]
    return re.sub(r"\{(\w+)\}", lambda name: str(known[name[1]]), value)


class World:
    """Alice and Bob have accounts and EURUSD is quoted; scenes add to it."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.request = request
        self.known: dict[str, Any] = {}
        self.alice: Account = request.getfixturevalue("alice")
        self.bob: Account = request.getfixturevalue("bob")
        self.eurusd: Symbol = request.getfixturevalue("eurusd")
        self.settings: Any = request.getfixturevalue("settings")

    def send(self, client: APIClient, call: str, body: Any, headers: dict[str, str]) -> Any:
        """The answer to a request: bytes go as they are, everything else as JSON."""
        method, path = fill_placeholders(call, self.known).split(" ", 1)
        sent = body if isinstance(body, bytes) else json.dumps(fill_placeholders(body, self.known))
        content: Any = b"" if body is None else sent
        more = {"content-type": "application/json", **fill_placeholders(headers, self.known)}
        kind = more.pop("content-type")
        return client.generic(method, path, content, kind, headers=more)

    def client(self, who: str) -> APIClient:
        """Return the client of the fixture `who`; `Bearer` or `cookie` may follow its name."""
        name, _, way = who.partition(" ")
        if name == "anonymous":
            return APIClient(raise_request_exception=False)
        person: Account | User = self.request.getfixturevalue(name)
        person.refresh_from_db()  # a scene or an earlier row may have ended the sessions
        user = person.user if isinstance(person, Account) else person
        token = str(SessionToken.issue(user.login, user.type, user.session_version))
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=token)
        if way == "Bearer":
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        elif way == "cookie":
            client.credentials(HTTP_ORIGIN=HERE)
            client.cookies[COOKIE] = token
        elif way == "cookie elsewhere":
            client.credentials(HTTP_ORIGIN="https://elsewhere.example")
            client.cookies[COOKIE] = token
        return client

    def remember_ids(self, answer: Any) -> None:
        """Store the ids of a successful answer; an `id` in the one row of a table as well."""
        if not isinstance(answer, dict):
            return
        self.known |= {name: answer[name] for name in ("id", "order", "__token") if name in answer}
        for picture in answer.get("uploaded", ()):
            self.known["uuid"] = picture["uuid"]
        if answer.get("structure") == ["id"]:
            self.known["id"] = answer["rows"][0][0]

    def table_digests(self) -> Contents:
        """Return the row count and a digest of each table and of the newest quotes."""
        models = [
            model
            for label in (*SECTIONS, "api", "pictures", "realtime")
            for model in apps.get_app_config(label).get_models()
            if model.__name__ not in BY_THE_FEED
        ]
        statement = " UNION ALL ".join(
            f"SELECT '{model.__name__}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text))"
            f' FROM "{model._meta.db_table}" t'
            for model in models
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found: Contents = {name: (count, digest) for name, count, digest in cursor.fetchall()}
        quotes: Any = redis.sync_client().hgetall(QUOTES)
        return found | {"quotes": (len(quotes), quotes)}

    def changes_since(self, before: Contents) -> dict[str, int]:
        """Return the changed tables, each with its number of added rows."""
        now = self.table_digests()
        return {name: now[name][0] - before[name][0] for name in now if now[name] != before[name]}
