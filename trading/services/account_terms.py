"""Change an account's group or leverage, and with them its margin and its rules."""

from copy import copy

from accounts.errors import GroupDisabled
from accounts.models import Account, Group
from core.errors import Invalid, Refused
from core.locks import transactional
from core.money import round_to_currency
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType
from trading.models import Trade
from trading.services.announce import announce_changes
from trading.unit.unit import lock_account
from trading.valuation.account import Figures, current_figures


class OtherCurrency(Refused):
    default = "the group has another currency, and there is money, credit or an order"
    field = "group"


@transactional
def change_account_terms(
    *, login: int, group: Group, leverage: int, quotes: Quotes | None = None
) -> Account:
    """Put the account into `group` with `leverage`; notify the client and the engine.

    Nothing is closed here: an account that this brings below a level is called or stopped
    out by the engine at the next quote. Returns the account.

    Raises:
        Invalid: nothing would change.
        GroupDisabled, OtherCurrency.
    """
    with lock_account(login) as locked:
        account = locked.account
        group = Group.objects.get(pk=group.pk)
        check_terms(account, group, leverage)
        locked.set_terms(group, leverage)
        account.save(update_fields=["group", "leverage"])
        message = f"Group {group.name}, leverage 1:{leverage}."
        locked.append_events(
            NotificationEvent.for_login(
                login,
                NotificationType.ACCOUNT_TERMS,
                ("Account terms", message),
                NotificationLevel.INFO,
                group=group.name,
                leverage=leverage,
            )
        )
        announce_changes(locked, quotes or LatestQuotes())
        return account


def check_terms(account: Account, group: Group, leverage: int) -> None:
    """Refuse terms that the account cannot get; raises what `change_account_terms` documents."""
    if (account.group_id, account.leverage) == (group.pk, leverage):
        raise Invalid("the account has this group and leverage already", field="leverage")
    if account.group_id != group.pk and not group.enabled:
        raise GroupDisabled(form_message=f"Group {group.name}: the group is disabled.")
    if account.group.currency == group.currency:
        return
    orders = Trade.objects.live().filter(account=account).count()
    if account.balance or account.credit or orders:
        balance, credit = (
            f"{round_to_currency(money, account.group.currency):,f} {account.group.currency}"
            for money in (account.balance, account.credit)
        )
        raise OtherCurrency(
            form_message=(
                f"Group {group.name} has another currency, {group.currency}, and the account has a "
                f"balance of {balance}, a credit of {credit} and {orders:,} live orders."
            )
        )


def figures_with_terms(account: Account, group: Group, leverage: int, quotes: Quotes) -> Figures:
    """Return the account's figures with other terms; `account` itself is left unchanged."""
    changed = copy(account)
    changed.group, changed.leverage = group, leverage
    return current_figures(changed, quotes)
