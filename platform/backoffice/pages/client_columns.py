"""The columns of the client whom a row is about: login and name, which lead to the account."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.urls import reverse

from backoffice.columns import NO_VALUE, Column, field_column

NAME = "client_name"  # attribute that a list sets on its rows; None where there is no such user
ACCOUNT = "accounts.account"
USER = "accounts.user"  # where the login may be that of staff


def client_columns(path: str, page: str = ACCOUNT) -> tuple[Column, Column]:
    """Return the columns of login and name, which lead to a `page` of the login.

    `path` leads from a row to the login, by dots. The list reads the names of all its rows at once.
    """
    return login_column(path, page), _name_column(path, page)


def login_column(path: str, page: str = ACCOUNT) -> Column:
    """Return the column of logins."""
    login = field_column(path, "login", lambda login: NO_VALUE if login is None else str(login))
    login.number = attrgetter(path)
    return lead_to_client(login, path, page)


def lead_to_client(column: Column, path: str, page: str = ACCOUNT) -> Column:
    """Let the cells of a column lead to the client's page; return the column."""
    read, (app, _, model) = attrgetter(path), page.partition(".")

    def link(row: Model) -> str:
        login = read(row)
        known = login is not None and getattr(row, NAME, "") is not None
        return reverse(f"admin:{app}_{model}_change", args=[login]) if known else ""

    column.link, column.link_permission = link, f"{app}.view_{model}"
    return column


def _name_column(path: str, page: str) -> Column:
    result: Column = lambda row: getattr(row, NAME, None) or NO_VALUE  # noqa: E731 - gets attributes
    result.__name__ = NAME
    result.short_description, result.css_class = "client", "name"
    result.number = lambda row: getattr(row, NAME, None) or ""
    result.prepare = _name_setter(attrgetter(path))
    return lead_to_client(result, path, page)


def _name_setter(read: Callable[[Model], int | None]) -> Callable[[Sequence[Model]], None]:
    """Return a function that sets the names on rows."""

    def set_names(rows: Sequence[Model]) -> None:
        logins = {login for login in map(read, rows) if login is not None}
        users = get_user_model()._default_manager.filter(pk__in=logins)
        names: dict[int | None, str] = dict(users.values_list("pk", "name")) if logins else {}
        for row in rows:
            setattr(row, NAME, names.get(read(row)))

    return set_names
