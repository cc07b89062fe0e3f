"""Staff actions on trades, sent as a browser does, and the client's events."""

from typing import Any

from django.test import Client

from realtime.models import AccountEvent
from trading.models import Trade


def submit_action(client: Client, url: str, **answers: Any) -> Any:
    """Fill in and post the form of an action; with a preview, confirm it."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields} | answers
    asked = {name: value for name, value in values.items() if value not in (None, "")}
    answer = client.post(url, asked)
    if answer.status_code == 200 and answer.context.get("preview"):
        again = answer.context["form"]
        answer = client.post(url, {**asked, "previewed": again["previewed"].value()})
    return answer


def action_url(trade: Trade, action: str) -> str:
    """Return the address of the form of a trade's action."""
    return f"/admin/trading/trade/{trade.order}/do/{action}/"


def form_errors(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.context["form"].errors)


def client_events() -> list[list[Any]]:
    rows = AccountEvent.objects.filter(login=100001).order_by("seq")
    return [row.event for row in rows]
