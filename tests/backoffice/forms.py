"""The admin's forms, filled in and posted as a browser does."""

from typing import Any

from django.test import Client

from tests.factories import PASSWORD


def sign_in(
    client: Client, login: str, password: str = PASSWORD, code: str = "", **how: Any
) -> Any:
    """Post the sign-in form of the admin."""
    data = {"username": login, "password": password, "code": code}
    return client.post("/admin/login/?next=/admin/", data, **how)


def submit(client: Client, url: str, **changes: Any) -> Any:
    """Load the form at `url`, change some of its fields and post all of them."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | {"_reason": "asked"} | changes
    filled = {name: value for name, value in values.items() if value not in (None, "")}
    answer = client.post(url, {name: v for name, v in filled.items() if v is not False})
    if answer.status_code == 200:
        raise AssertionError(answer.context["adminform"].form.errors.as_json())
    return answer
