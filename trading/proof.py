"""The proof of the ledger: what must be true after every commit."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Sum

from accounts.models import Account
from core.money import ZERO
from realtime.models import AccountEvent
from trading.ledger import IS_CREDIT
from trading.models import Trade

AMOUNT = F("profit") + F("commission") + F("storage")


def differences() -> Iterator[str]:
    """One line for each account figure that its rows do not bear out."""
    rows = Trade.objects.booked().values("account").order_by("account")
    booked = {
        account: {"balance": balance, "credit": credit}
        for account, balance, credit in rows.annotate(
            balance=Sum(AMOUNT, filter=~IS_CREDIT), credit=Sum(AMOUNT, filter=IS_CREDIT)
        ).values_list("account", "balance", "credit")
    }
    logs = {
        row["login"]: row
        for row in AccountEvent.objects.values("login")
        .order_by("login")
        .annotate(last=Max("seq"), rows=Count("*"))
    }
    for account in Account.objects.order_by("pk"):
        for name in ("balance", "credit"):
            rows_say = booked.get(account.pk, {}).get(name) or ZERO
            column = getattr(account, name)
            if column != rows_say:
                yield f"{account.pk}: {name} is {column}, its rows sum to {rows_say}"
        log = logs.get(account.pk, {"last": 0, "rows": 0})
        if not account.seq == log["last"] == log["rows"]:
            yield f"{account.pk}: seq is {account.seq}, the log has {log['rows']} to {log['last']}"
