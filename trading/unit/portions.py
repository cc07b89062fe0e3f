"""Decisions about crowds of accounts, in portions that are one lock and one write each.

Accounts are independent of each other: only the order within an account matters, and that is the
decision's. Accounts that somebody else holds are left out of their portion and come right after
it, one by one. A portion that fails is halved until the account that fails is alone: all others
get what was decided about them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from django.db import Error

from accounts.models import Account
from core.errors import UNAVAILABLE_ERRORS
from core.locks import transactional
from trading.book_updates import AccountUpdate, BookUpdate
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import Unit, lock_accounts

log = logging.getLogger(__name__)
PORTION = 200  # accounts of one transaction
Result = TypeVar("Result")
# Gets the results of a portion by login, in its transaction, before the write.
OnPortion = Callable[[Mapping[int, Result]], None]


class AccountDecision(NamedTuple, Generic[Result]):
    """What is to be decided about an account; `orders` are those that it is about."""

    login: int
    orders: Sequence[int]
    decide: Callable[[LockedAccount], Result]


class DecidedAccount(NamedTuple, Generic[Result]):
    """An account about which was decided and written, or which has failed alone.

    `account` is the account as it stands; `book_update` what the engine would hear of it.
    """

    login: int
    result: Result | None
    error: Exception | None = None
    account: AccountUpdate | None = None
    book_update: BookUpdate | None = None


def decide_in_portions(
    decisions: Sequence[AccountDecision[Result]],
    own_updates: set[str],
    on_portion: OnPortion[Result] = lambda _: None,
) -> Iterator[DecidedAccount[Result]]:
    """Decide about each account and write it; yield each after its portion's commit.

    The ids of the book updates that were sent are added to `own_updates`. What `on_portion` writes
    is committed with the portion, or neither is.

    Raises:
        One of UNAVAILABLE_ERRORS: a server does not answer; what was not yielded may be written
            or not.
    """
    for start in range(0, len(decisions), PORTION):
        portion = decisions[start : start + PORTION]
        yield from _decide_portion(portion, own_updates, on_portion, wait=False)


def _decide_portion(
    decisions: Sequence[AccountDecision[Result]],
    own_updates: set[str],
    on_portion: OnPortion[Result],
    *,
    wait: bool,
) -> Iterator[DecidedAccount[Result]]:
    try:
        unit, results = _write_portion(decisions, on_portion, wait=wait)
    except UNAVAILABLE_ERRORS:
        raise
    except Exception as error:  # noqa: BLE001 - its account is named by the caller
        if len(decisions) == 1:
            yield DecidedAccount(decisions[0].login, None, error)
            return
        log.warning("a portion of %s accounts failed: %s", len(decisions), error)
        middle = len(decisions) // 2
        for half in (decisions[:middle], decisions[middle:]):
            yield from _decide_portion(half, own_updates, on_portion, wait=wait)
        return
    own_updates.update(unit.published)
    for login, result in results.items():
        locked = unit.accounts[login]
        yield DecidedAccount(login, result, None, locked.account_update(), locked.book_update())
    for decision in decisions:
        if decision.login not in results:
            yield from _decide_portion([decision], own_updates, on_portion, wait=True)


@transactional
def _write_portion(
    decisions: Sequence[AccountDecision[Result]], on_portion: OnPortion[Result], *, wait: bool
) -> tuple[Unit, dict[int, Result]]:
    """Lock, decide and write; return the unit with the results of the accounts that it wrote."""
    by_login = {decision.login: decision for decision in decisions}
    orders = [order for decision in decisions for order in decision.orders]
    results: dict[int, Result] = {}
    with lock_accounts(list(by_login), orders, skip_locked=not wait) as unit:
        for login, locked in list(unit.accounts.items()):
            try:
                results[login] = by_login[login].decide(locked)
            except (*UNAVAILABLE_ERRORS, Error):
                raise
            except Exception:
                if len(decisions) == 1:
                    raise
                unit.discard(login)  # it is tried again alone
        on_portion(results)
    if wait and not results:
        raise Account.DoesNotExist(f"there is no account {decisions[0].login}")
    return unit, results
