"""The balances at the end of the day and of the month, as `/account/me` shows them."""

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import Account
from core.fields import MoneyField
from core.locks import transactional
from core.money import ZERO
from trading.models import Trade
from trading.rollover.nights import end_of_night, last_month_end, last_night
from trading.services.ledger import IS_CREDIT

ACCOUNTS_AT_ONCE = 200  # accounts that are locked together, for some milliseconds
AMOUNT = F("profit") + F("commission") + F("storage")


def write_day_end_balances(at: int) -> int:
    """Bring all accounts' figures to the last ends before `at` (unix s); return how many changed.

    They are computed from the ledger, so a late run writes what one on time would have written.
    """
    moments = {
        "prevbalance": end_of_night(last_night(at)),
        "prevmonthbalance": end_of_night(last_month_end(at)),
    }
    return sum(_write_column(column, moment) for column, moment in moments.items())


def _write_column(column: str, moment: int) -> int:
    differ = Account.objects.exclude(**{column: balance_at(moment)}).order_by("pk")
    logins = list(differ.values_list("pk", flat=True))
    for first in range(0, len(logins), ACCOUNTS_AT_ONCE):
        _store_balances(logins[first : first + ACCOUNTS_AT_ONCE], column, moment)
    return len(logins)


@transactional
def _store_balances(logins: list[int], column: str, moment: int) -> None:
    """Lock the accounts and store their balances: balance and rows are of one moment."""
    Account.objects.locked_all(logins)
    Account.objects.filter(pk__in=logins).update(**{column: balance_at(moment)})


def balance_at(moment: int) -> Combinable:
    """Return an account's balance at `moment`: the present one without what was posted later."""
    rows = Trade.objects.booked().filter(~IS_CREDIT, account=OuterRef("pk"), close_time__gt=moment)
    later = rows.order_by().values("account").annotate(total=Sum(AMOUNT)).values("total")
    return F("balance") - Coalesce(Subquery(later), ZERO, output_field=MoneyField())
