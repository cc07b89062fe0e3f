"""The content of deliveries, the same for every attempt: a webhook's JSON, an e-mail's text."""

from typing import TYPE_CHECKING

from alerts.deliveries.models import Delivery
from alerts.enums import AlertSide, Condition
from core import json
from core.clock import HOUR_MS, date_of, utc_text
from core.json import plain_digits

if TYPE_CHECKING:
    from alerts.models import AlertLog

# message types
FIRED, SUMMARY, VERIFY = "price_alert.triggered", "price_alert.summary", "endpoint.verify"
COPIED_FIELDS = (
    "id", "alert_id", "login", "symbol", "indicator_name", "message", "comment", "side",
    "condition", "target_price", "triggered_price", "triggered_at", "previous_price", "quote_time",
)  # fmt: skip
CODE_TEXT = """\
Somebody, probably you, asked for the price alerts of account {login} to be sent here.

Your code: {code}

Enter it in the terminal within an hour. If it was not you, do nothing: nothing more will come.
"""
FIRED_TEXT = """\
{symbol}: {condition}

price     {price} ({side})
before    {before}
time      {time} UTC
account   {login}
{words}
To get no more of these, clear the address in the alert settings of your terminal.
"""


SUMMARY_TEXT = """\
{left_out} more price alerts of account {login} fired from {begin}
to {end} UTC. That is more than are sent here in one hour; the log in your
terminal has them all.

To get no more of these, clear the address in the alert settings of your terminal.
"""


def compose_webhook_body(delivery: Delivery) -> bytes:
    """Return the webhook's JSON: `type`, `timestamp` (of the event, ISO 8601) and `data`."""
    data: dict[str, object]
    address = delivery.address
    if delivery.hour is not None:
        begin, time = hour_bounds(delivery.hour)
        kind = SUMMARY
        data = {
            "login": address.account_id,
            "left_out": delivery.left_out,
            "begin": begin // 1000,
            "end": time // 1000,
        }
    elif delivery.log is None:
        kind, time = VERIFY, delivery.created_at
        data = {"login": address.account_id, "challenge": address.code}
    else:
        kind, time = FIRED, delivery.log.quote_time
        data = {name: getattr(delivery.log, name) for name in COPIED_FIELDS}
    return json.dumps({"type": kind, "timestamp": _format_iso(time), "data": data})


def compose_email(delivery: Delivery) -> tuple[str, str]:
    """Return the subject and the text of the e-mail."""
    address = delivery.address
    if delivery.hour is not None:
        begin, end = (utc_text(time // 1000) for time in hour_bounds(delivery.hour))
        text = SUMMARY_TEXT.format(
            left_out=delivery.left_out, login=address.account_id, begin=begin, end=end
        )
        return f"{delivery.left_out} more price alerts", text
    if delivery.log is None:
        code = f"{address.code[:5]}-{address.code[5:]}"
        text = CODE_TEXT.format(login=address.account_id, code=code)
        return "Your code for price alerts by e-mail", text
    log = delivery.log
    price, condition = plain_digits(log.triggered_price), format_condition(log)
    text = FIRED_TEXT.format(
        symbol=log.symbol,
        condition=condition,
        price=price,
        side=AlertSide(log.side).label,
        before=plain_digits(log.previous_price) if log.previous_price is not None else "not known",
        time=utc_text(log.quote_time // 1000),
        login=log.login,
        words="".join(f"{word}\n" for word in (log.indicator_name, log.message) if word),
    )
    return f"{log.symbol} {condition}: {price}", text


def format_condition(log: "AlertLog") -> str:
    """Format the condition with its target price, if it has one."""
    target = f" {plain_digits(log.target_price)}" if log.target_price else ""
    return f"{Condition(log.condition).label}{target}"


def hour_bounds(hour: int) -> tuple[int, int]:
    """Return the start and the end (unix ms) of a unix hour."""
    return hour * HOUR_MS, (hour + 1) * HOUR_MS


def _format_iso(milliseconds: int) -> str:
    """Format unix ms in ISO 8601; return the bare number if it is out of range."""
    date = date_of(milliseconds / 1000)
    if date is None:
        return str(milliseconds)
    return date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
