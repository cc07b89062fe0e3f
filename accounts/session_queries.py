"""The query that every request begins with: the user of a token, its account and its group."""

from typing import Any

from django.apps import apps

from core.prepared_models import ModelsByAlias, PreparedModels

SESSION_SQL = """
SELECT {columns} FROM accounts_user AS person
LEFT JOIN accounts_account AS account ON account.login = person.login
LEFT JOIN accounts_group AS conditions ON conditions.id = account.group_id
WHERE person.login = %s
AND (person.session_version = %s OR person.spared_jti = %s OR NOT person.enable)
AND NOT EXISTS (SELECT FROM accounts_revokedtoken AS revoked WHERE revoked.jti = %s)
"""
LOCK_SQL = """
SELECT {columns} FROM accounts_user AS person
JOIN accounts_account AS account ON account.login = person.login
JOIN accounts_group AS conditions ON conditions.id = account.group_id
WHERE account.login = %s FOR NO KEY UPDATE OF account
"""


def _query_models() -> ModelsByAlias:
    named = {"person": "User", "account": "Account", "conditions": "Group"}
    return {alias: apps.get_model(f"accounts.{name}") for alias, name in named.items()}


_session_query, _lock_query = (
    PreparedModels(SESSION_SQL, _query_models),
    PreparedModels(LOCK_SQL, _query_models),
)


def load_session_user(login: int, version: int, jti: str, using: str) -> Any:
    """Return the user of a token that is not revoked, by session version or spared by its end.

    A disabled user is returned whatever the version, so that the refusal can name the
    reason. Otherwise None.
    """
    rows = _session_query.fetch([login, version, jti, jti], using)
    return _link(*rows[0]) if rows else None


def lock_account(login: int, using: str) -> Any:
    """Lock the account FOR NO KEY UPDATE; return it with user and group, None without one."""
    rows = _lock_query.fetch([login], using)
    return _link(*rows[0]).account if rows else None


def _link(user: Any, account: Any, group: Any) -> Any:
    """Set the relations of the three instances; return the user."""
    if account is None:
        user._meta.get_field("account").set_cached_value(user, None)
        return user
    account.group = group
    account.user = user  # and by it user.account
    return user
