"""The query that every request begins with: the user of a token, its account and its group.

What decides is read each time: whether the session goes on, and the whole row of the account.
Users and groups hardly ever change. A process keeps those that it has read, with the version of
their row (its place and its writer: each change moves both), and reads them again as soon as
the row has another one.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import BooleanField, DecimalField, IntegerField, Model

from core.postgresql.prepared_models import ModelsByAlias, PreparedModels, make_stored
from core.postgresql.statement import Row, Statement

MOST_CACHED = 5_000  # users of a process
VERSIONS = "person.ctid, person.xmin, conditions.ctid, conditions.xmin"
SESSION_FROM = """
FROM accounts_user AS person
LEFT JOIN accounts_account AS account ON account.login = person.login
LEFT JOIN accounts_group AS conditions ON conditions.id = account.group_id
WHERE person.login = %s
AND (person.session_version = %s OR person.spared_jti = %s OR NOT person.enable)
AND NOT EXISTS (SELECT FROM accounts_revokedtoken AS revoked WHERE revoked.jti = %s)
"""
SESSION_SQL = f"SELECT {{columns}}, {VERSIONS} {SESSION_FROM}"
LOCK_SQL = """
SELECT {columns} FROM accounts_user AS person
JOIN accounts_account AS account ON account.login = person.login
JOIN accounts_group AS conditions ON conditions.id = account.group_id
WHERE account.login = %s FOR NO KEY UPDATE OF account
"""


if TYPE_CHECKING:
    from accounts.models import Account, Group, User


class _CachedRow(NamedTuple):
    """A row as it was read."""

    version: tuple[str, str]
    values: dict[str, Any]


def _query_models() -> ModelsByAlias:
    named = {"person": "User", "account": "Account", "conditions": "Group"}
    return {alias: apps.get_model(f"accounts.{name}") for alias, name in named.items()}


_session_query, _lock_query = (
    PreparedModels(SESSION_SQL, _query_models),
    PreparedModels(LOCK_SQL, _query_models),
)
_users: dict[int, _CachedRow] = {}
_groups: dict[int, _CachedRow] = {}


def load_session_user(login: int, version: int, jti: str, using: str) -> "User | None":
    """Return the user of a token that is not revoked, by session version or spared by its end.

    A disabled user is returned whatever the version, so that the refusal can name the
    reason. Otherwise None.
    """
    params = [login, version, jti, jti]
    if login in _users:
        found = _session_statement().fetch(params, using)
        if not found:
            return None
        user = _build_cached(login, found[0], using)
        if user is not None:
            return user
    rows = _session_query.fetch_with_rest(params, using)
    if not rows:
        return None
    (user, account, group), versions = rows[0]
    _cache_rows(user, account, group, versions)
    return _link(user, account, group)


def lock_account_row(login: int, using: str) -> "Account | None":
    """Lock the account FOR NO KEY UPDATE; return it with user and group, None without one."""
    rows = _lock_query.fetch([login], using)
    return _link(*rows[0]).account if rows else None


def clear_cached_rows() -> None:
    """Drop the users and groups that this process keeps."""
    _users.clear()
    _groups.clear()


def _build_cached(login: int, row: Row, using: str) -> "User | None":
    """Return the user with account and group; None where one of the rows is not cached so."""
    place, writer, group_place, group_writer, *columns = row
    models = _query_models_once()
    cached = _users.get(login)
    if cached is None or cached.version != _version_of(place, writer):
        return None
    user: User = make_stored(models["person"], cached.values, using)
    if columns[0] is None:
        _set_relation(user, "account", None)
        return user
    values = {
        name: decode(text) if text is not None else None
        for (name, decode), text in zip(_account_columns(), columns, strict=True)
    }
    cached = _groups.get(int(values["group_id"] or 0))
    if cached is None or cached.version != _version_of(group_place, group_writer):
        return None
    account = make_stored(models["account"], values, using)
    group = make_stored(models["conditions"], cached.values, using)
    _set_relation(user, "account", account)
    _set_relation(account, "user", user)
    _set_relation(account, "group", group)
    return user


def _set_relation(instance: Model, name: str, related: Model | None) -> None:
    """Set the relation without the checks and writes of its descriptor."""
    field: Any = instance._meta.get_field(name)
    field.set_cached_value(instance, related)


def _cache_rows(
    user: "User", account: "Account | None", group: "Group", versions: Sequence[object]
) -> None:
    if len(_users) >= MOST_CACHED:
        clear_cached_rows()
    place, writer, group_place, group_writer = map(str, versions)
    _users[user.login] = _CachedRow((place, writer), _values_of(user))
    if account is not None:
        _groups[group.pk] = _CachedRow((group_place, group_writer), _values_of(group))


def _values_of(instance: Model) -> dict[str, Any]:
    names = [field.attname for field in instance._meta.concrete_fields]
    return {name: vars(instance)[name] for name in names}


def _version_of(place: bytes | None, writer: bytes | None) -> tuple[str, str]:
    return (place or b"").decode(), (writer or b"").decode()


_query_models_once: Callable[[], Mapping[str, Any]] = cache(_query_models)


@cache
def _account_columns() -> list[tuple[str, Callable[[bytes], Any]]]:
    """Return attribute and decoder of each column of an account."""
    fields = _query_models_once()["account"]._meta.concrete_fields
    return [
        (field.attname, _decoder_of(field.target_field if field.is_relation else field))
        for field in fields
    ]


def _decoder_of(field: object) -> Callable[[bytes], Any]:
    if isinstance(field, BooleanField):
        return lambda text: text == b"t"
    if isinstance(field, DecimalField):
        return lambda text: Decimal(text.decode())
    return int if isinstance(field, IntegerField) else bytes.decode


@cache
def _session_statement() -> Statement:
    fields = _query_models_once()["account"]._meta.concrete_fields
    columns = ", ".join(f'account."{field.column}"' for field in fields)
    return Statement(f"SELECT {VERSIONS}, {columns} {SESSION_FROM}")


def _link(user: "User", account: "Account | None", group: "Group") -> "User":
    """Set the relations of the three instances; return the user."""
    if account is None:
        _set_relation(user, "account", None)
        return user
    account.group = group
    account.user = user  # and by it user.account
    return user
