"""Account types in the backoffice: what the form refuses, and what a save is previewed with.

Alice has 10 000 USD and a lot of EURUSD at 1.1001: 1 100.10 of margin, a level of about 909 %.
"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from market.models import GroupTerms, Markup, Symbol
from tests import factories
from tests.backoffice.fixtures import Browser
from trading import services
from trading.models import Trade

ADD = "/admin/market/groupterms/add/"
NO_POSITION = "No account of the group has an open position in these symbols."


@pytest.fixture
def gold(eurusd: Symbol) -> Symbol:
    return factories.symbol("XAUUSD", 2, lot_min=1, lot_max=5000, lot_step=1, demo_price=4200)


def fill_form(alice: Account, **changes: object) -> dict[str, Any]:
    """Return the values of a new entry, as a browser sends them."""
    values = {"group": alice.group_id, "enabled": "on", "symbols": "EUR*", "position": 1}
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def confirm(client: Client, url: str, values: dict[str, Any]) -> str:
    """Send the form, see the preview, confirm it; return the preview's sentence."""
    answer = client.post(url, values)
    assert "impact" in answer.context, errors_of(answer)
    confirmed = {"_previewed": answer.context["impact_digest"], "_reason": "a new type"}
    done = client.post(url, {**values, **confirmed})
    assert done.status_code == 302, errors_of(done)
    return str(answer.context["impact"].summary)


def test_a_new_type_is_previewed_and_audited_with_its_reason(
    browser: Browser, dan: User, alice: Account, gold: Symbol
) -> None:
    client = browser(dan)
    values = fill_form(alice, bid_markup=4, ask_markup=6, comm_base=7, comm_type=0, comm_lots=0)
    assert confirm(client, ADD, values) == NO_POSITION
    entry = GroupTerms.objects.get()
    assert entry.markup == Markup(4, 6)
    assert (int(entry.comm_base or 0), entry.swap_long) == (7, None)
    assert Entry.objects.get(action="add").reason == "a new type"
    page = client.get("/admin/market/groupterms/").content.decode()
    for text in ("bid −4, ask +6", "7 money per lot", "EURUSD"):
        assert text in page


def test_terms_that_would_stop_an_account_out_say_so_first(
    browser: Browser, dan: User, alice: Account, gold: Symbol
) -> None:
    services.open_market(login=100001, cmd=0, symbol="EURUSD", volume=100)
    client = browser(dan)
    summary = confirm(client, ADD, fill_form(alice, leverage_cap=5))
    assert summary == (
        "Accounts with open positions: 1. The change would stop out 1 of them, call 0, and "
        "relieve 0."
    )
    url = f"/admin/market/groupterms/{GroupTerms.objects.get().pk}/change/"
    answer = client.post(url, fill_form(alice, leverage_cap=3, group=None))
    margins, *_ = answer.context["impact"].tables
    assert margins.rows == [("USD", "22,002.00", "36,670.00", "14,668.00")]
    assert GroupTerms.objects.get().leverage_cap == 5
    assert Trade.objects.positions().count() == 1


REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("symbols", {"symbols": "NOSUCH*"}, "There is no such symbol."),
    ("bid_markup", {"bid_markup": -1}, "greater than or equal to 0"),
    ("ask_markup", {"ask_markup": 20_000}, "is more than 10 % of EURUSD"),
    ("spread", {"spread": 20_000}, "is more than 10 % of EURUSD"),
    ("spread", {"spread": 5, "bid_markup": 0}, "not both"),
    ("comm_currency", {"comm_base": 7, "comm_type": 0, "comm_currency": "XXX"}, "XXX is the"),
    (
        "comm_currency",
        {"comm_base": 7, "comm_type": 1, "comm_currency": "USD"},
        "Only a commission in",
    ),
    ("comm_base", {"comm_type": 0}, "Give the commission"),
    ("comm_base", {"comm_base": 101, "comm_type": 2}, "More than 100 percent"),
    ("comm_minimum", {"comm_minimum": -1}, "greater than or equal to 0"),
    ("swap_long", {"swap_free": "on", "swap_long": 1}, "no swap"),
    ("swap_fee", {"swap_fee": 1}, "Only a swap-free entry"),
    ("leverage_cap", {"leverage_cap": 0}, "greater than or equal to 1"),
    ("stops_level", {"stops_level": 200_000}, "and EURUSD is at 1.1"),
    ("lot_max", {"lot_min": 10, "lot_max": 5}, "least volume above"),
    ("lot_step", {"lot_step": 7}, "must be multiples of the step, 7"),
    ("position", {"position": 2, "symbols": "EURUSD"}, "fits EURUSD too"),
    ("position", {"position": 3, "symbols": "EURUSD"}, "Earlier entries"),
    ("position", {"position": 1, "symbols": "*"}, "would never count"),
]


def test_the_form_refuses_what_contradicts_or_is_absurd(
    browser: Browser, dan: User, alice: Account, gold: Symbol, subtests: pytest.Subtests
) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="E*", position=2)
    client = browser(dan)
    for field, changes, message in REFUSED:
        with subtests.test(f"{field} {changes}"):
            answer = client.post(ADD, fill_form(alice, **changes))
            assert message in " ".join(errors_of(answer)[field])
            assert GroupTerms.objects.count() == 1


def test_an_entry_may_be_an_exception_from_a_wider_one(
    browser: Browser, dan: User, alice: Account, gold: Symbol
) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="*", position=2, bid_markup=9)
    confirm(browser(dan), ADD, fill_form(alice, bid_markup=None))
    assert GroupTerms.objects.count() == 2
