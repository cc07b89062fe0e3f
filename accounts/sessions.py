"""The read that every request begins with: the user of a token, its account and its group.

It is one statement, written once from the models' columns: to have the ORM compile it for each
request cost several times what PostgreSQL needs to answer it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model

Row = TypeVar("Row", bound=Model)
STATEMENT = """
SELECT {columns} FROM accounts_user AS person
LEFT JOIN accounts_account AS account ON account.login = person.login
LEFT JOIN accounts_group AS conditions ON conditions.id = account.group_id
WHERE person.login = %s
AND (person.session_version = %s OR person.spared_jti = %s OR NOT person.enable)
AND NOT EXISTS (SELECT FROM accounts_revokedtoken AS revoked WHERE revoked.jti = %s)
"""


def read(login: int, version: int, jti: str, using: str) -> Any:
    """The user of a token that is not revoked, of the session version or spared by its end.

    A disabled user is answered whatever the version, so that it can be told so; else None.
    """
    from accounts.models import Account, Group, User

    with connections[using].cursor() as cursor:
        cursor.execute(statement(), [login, version, jti, jti])
        row = cursor.fetchone()
    if row is None:
        return None
    user, rest = _taken(User, row, using)
    account, rest = _taken(Account, rest, using)
    if account.pk is None:
        User._meta.get_field("account").set_cached_value(user, None)
        return user
    account.group = _taken(Group, rest, using)[0]
    account.user = user  # and by it user.account
    return user


@cache
def statement() -> str:
    """The statement with all columns of the three models, in their order."""
    from accounts.models import Account, Group, User

    named = {"person": User, "account": Account, "conditions": Group}
    columns = [
        f'{name}."{field.column}"'
        for name, model in named.items()
        for field in model._meta.concrete_fields
    ]
    return STATEMENT.format(columns=", ".join(columns))


def _taken(model: type[Row], values: Sequence[Any], using: str) -> tuple[Row, Sequence[Any]]:
    """An instance of the first values, and the values that are left."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(using, names, values[: len(names)]), values[len(names) :]
