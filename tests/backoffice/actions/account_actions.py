"""Staff actions on accounts as a browser sends them: load the form, fill it in, post it."""

import uuid
from typing import Any

from django.test import Client

from accounts.models import Account


def action_url(row: Account | int, action: str) -> str:
    """Return the address of the form of an account's action."""
    return f"/admin/accounts/account/{row if isinstance(row, int) else row.pk}/do/{action}/"


def form_data(**fields: Any) -> dict[str, Any]:
    """Return what a browser sends: a reason and the form's key with the fields."""
    return {"reason": "asked by phone", "form": str(uuid.uuid4()), **fields}


def post_form(client: Client, url: str, **fields: Any) -> Any:
    """Post the form once."""
    return client.post(url, form_data(**fields))


def execute_form(client: Client, url: str, **fields: Any) -> Any:
    """Post the form, confirm its preview where there is one, and check that it was executed."""
    data = form_data(**fields)
    answer = client.post(url, data)
    if answer.status_code == 200 and answer.context.get("preview"):
        answer = client.post(url, data | {"previewed": previewed(answer)})
    if answer.status_code == 200 and "form" in answer.context:
        raise AssertionError(answer.context["form"].errors.as_json())
    assert answer.status_code in (200, 302), answer.status_code
    return answer


def previewed(answer: Any) -> str:
    """Return what the preview's form sends to confirm it."""
    return str(answer.context["form"]["previewed"].value())


def confirmed_form(client: Client, url: str, **fields: Any) -> dict[str, Any]:
    """Return what a browser sends when the preview of the form is confirmed."""
    data = form_data(**fields)
    return data | {"previewed": previewed(client.post(url, data))}


def refusal_text(answer: Any) -> str:
    """Return the errors that the form shows."""
    assert answer.status_code == 200, answer.status_code
    return str(answer.context["form"].errors.as_text())
