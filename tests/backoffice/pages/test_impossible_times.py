"""Rows with times beyond the calendar are shown as numbers on every page."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import BigIntegerField, Model
from django.test import Client

from accounts.models import Account, User
from alerts import services
from alerts.deliveries import messages
from alerts.models import Address, Alert, AlertLog, Delivery
from market.schedules import Holiday
from tests.backoffice.actions.trade_actions import action_url, form_errors, submit_action
from tests.backoffice.pages.staff_pages import broken_pages
from tests.backoffice.roles import matrix_visitor
from tests.backoffice.roles.matrix_rows import create_rows
from tests.factories import D
from trading.models import Fill, MarginAction, Trade

YEAR_10000 = 253_402_300_800  # seconds
IMPOSSIBLE = [YEAR_10000, 2**63 - 1]
# Columns of large numbers that are no times; a new column is taken for a time.
NO_TIMES = {
    "login", "seq", "seen", "sl_seen", "tp_seen", "volume", "closed_volume", "number",
    "quote_number", "batch", "last_step",
}  # fmt: skip


def set_all_times(value: int) -> None:
    """Set every time of every row to this value; disable the triggers of closed rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in matrix_visitor.admin_models().values():
            names = times(model)
            if names:
                model._base_manager.update(**dict.fromkeys(names, value))
        quote = [1.1, 1.2, value, value, 7]
        Fill.objects.update(quote=quote, around=[quote, quote])
        MarginAction.objects.update(quotes={"EURUSD": quote})
        cursor.execute("SET LOCAL session_replication_role = origin")


def times(model: type[Model]) -> list[str]:
    """The names of the model's columns of unix seconds or milliseconds."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, BigIntegerField)
        and not (field.primary_key or field.is_relation or field.name in NO_TIMES)
    ]


@pytest.mark.parametrize("value", IMPOSSIBLE)
@pytest.mark.usefixtures("everything", "no_menu", "no_contexts")
def test_every_page_and_export_survives_a_time_that_no_calendar_has(
    value: int, alice: Account, position: Trade, pending: Trade, admin: User, client: Client
) -> None:
    create_rows(alice, position, pending)
    client.force_login(admin)
    set_all_times(value)
    assert broken_pages(client, admin) == []


@pytest.mark.usefixtures("everything")
def test_an_impossible_time_is_shown_as_its_number(
    pending: Trade, admin: User, client: Client
) -> None:
    client.force_login(admin)
    set_all_times(2**53)
    listed = client.get("/admin/trading/trade/?kind=pending").content.decode()
    assert f">{2**53}<" in listed
    exported: Any = client.get("/admin/trading/trade/export/csv/?kind=pending")
    assert str(2**53) in b"".join(exported.streaming_content).decode()
    log = client.get("/admin/alerts/alertlog/").content.decode()
    assert str(2**53) in log


@pytest.mark.usefixtures("everything")
def test_modifying_a_stop_keeps_an_impossible_expiration(
    pending: Trade, dan: User, client: Client
) -> None:
    client.force_login(dan)
    set_all_times(YEAR_10000)
    assert (
        f"It is {YEAR_10000}, which is no date"
        in client.get(action_url(pending, "modify")).content.decode()
    )
    assert (
        submit_action(
            client, action_url(pending, "modify"), sl="1.04", reason="by phone"
        ).status_code
        == 302
    )
    pending.refresh_from_db()
    assert (pending.sl, pending.expiration) == (D("1.04"), YEAR_10000)
    answer = submit_action(
        client, action_url(pending, "modify"), expiration="2030-01-01T00:00", reason="by phone"
    )
    assert answer.status_code == 302
    pending.refresh_from_db()
    assert pending.expiration == 1_893_456_000


@pytest.mark.parametrize("date", ["9999-12-31T23:59", "3000-01-01T00:01", "1969-12-31T23:59"])
def test_the_order_form_refuses_a_time_beyond_the_bound(
    pending: Trade, dan: User, client: Client, date: str
) -> None:
    client.force_login(dan)
    answer = submit_action(
        client, action_url(pending, "modify"), expiration=date, reason="by phone"
    )
    assert "expiration" in form_errors(answer)
    pending.refresh_from_db()
    assert pending.expiration == 0


@pytest.mark.parametrize(("date", "taken"), [("3000-01-01", True), ("3000-01-02", False)])
def test_a_holidays_date_has_the_same_bound(
    dan: User, client: Client, date: str, taken: bool
) -> None:
    client.force_login(dan)
    fields = {"name": "Far", "date": date, "symbols": "*", "enabled": "on", "_reason": "asked"}
    client.post("/admin/market/holiday/add/", fields)
    assert Holiday.objects.exists() is taken


def test_an_alert_of_an_impossible_expiry_is_mailed_posted_and_can_be_changed(
    log: AlertLog,
) -> None:
    alert = log.alert
    assert alert is not None
    Alert.objects.filter(pk=alert.pk).update(expires_at=2**63 - 1)
    services.update_alert(login=100001, alert_id=alert.pk, target_price=D("1.3"))
    log.refresh_from_db()
    log.quote_time = 2**63 - 1
    delivery = Delivery(log=log, address=Address(account_id=100001))
    assert f'"timestamp":"{2**63 - 1}"' in messages.compose_webhook_body(delivery).decode()
    assert str(2**63 // 1000) in messages.compose_email(delivery)[1]
