"""The table of every list: figures right-aligned, prices in the symbol's digits, results toned."""

import gzip
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client

from accounts.models import Account, User
from backoffice.pages.list_cards import name_of_column
from tests import factories
from tests.backoffice.roles.matrix_visitor import admin_models
from tests.factories import D
from trading.backoffice.trade_columns import COLUMNS
from trading.models import Trade

LIST = "/admin/trading/trade/"
CELL = re.compile(r'<td class="([\w -]+)" data-label="([^"]+)">([^<]*)</td>')


def cells(client: Client, url: str) -> dict[str, tuple[str, str]]:
    """Return class and text of the first row's cells by heading."""
    found = CELL.findall(client.get(url).content.decode())
    return {
        label: (re.sub(r" ?card-\w+", "", classes), unescape(text))
        for classes, label, text in reversed(found)
    }


def test_figures_are_aligned_in_the_symbols_digits(
    admin: User, position: Trade, client: Client
) -> None:
    client.force_login(admin)
    Trade.objects.filter(pk=position.pk).update(sl=D("1.2"), open_price=D("1.1001"))
    factories.quote("EURUSD", 1.09, 1.0902)
    shown = cells(client, f"{LIST}?kind=open")
    assert shown["Open"] == ("number", "1.10010")
    assert shown["SL"] == ("number", "1.20000")
    assert shown["TP"] == ("number", "–")
    assert shown["Lots"] == ("number", "1.00")
    assert shown["Profit"] == ("number bad", "-1,010.00")
    factories.quote("EURUSD", 1.11, 1.1102)
    assert cells(client, f"{LIST}?kind=open")["Profit"] == ("number good", "990.00")


@pytest.mark.parametrize("model", admin_models())
def test_a_card_is_of_columns_that_the_list_has(model: str) -> None:
    page: Any = site._registry[admin_models()[model]]
    lists = COLUMNS.values() if model == "trading.trade" else [page.list_display]
    names = {name_of_column(entry) for entries in lists for entry in entries}
    card = page.card
    assert card is None or {*card.title, *card.texts, *card.details} <= names
    assert card is None or card.figure in {"", *names}


def test_a_card_shows_the_link_and_what_matters(
    admin: User, position: Trade, client: Client
) -> None:
    client.force_login(admin)
    page = client.get(f"{LIST}?kind=open").content.decode()
    marked = re.compile(r'<td class="([^"]*card-[^"]*)"[^>]* data-label="([^"]+)"')
    places = {label: classes.split()[-1] for classes, label in marked.findall(page)}
    assert places == {
        "Order": "card-detail", "Client": "card-text", "Symbol": "card-title",
        "Type": "card-title", "Lots": "card-title", "Now": "card-detail", "Profit": "card-figure",
    }  # fmt: skip


def test_the_page_of_a_position_has_its_floating_profit(
    admin: User, position: Trade, client: Client
) -> None:
    client.force_login(admin)
    factories.quote("EURUSD", 1.09, 1.0902)
    assert "-1,010.00" in client.get(f"{LIST}{position.pk}/change/").content.decode()


def test_texts_of_clients_are_escaped(admin: User, alice: Account, client: Client) -> None:
    client.force_login(admin)
    User.objects.filter(pk=alice.pk).update(name='<b>"Al"&')
    page = client.get("/admin/accounts/account/").content.decode()
    assert "&lt;b&gt;&quot;Al&quot;&amp;" in page
    assert "<b>" not in page


def test_a_list_of_fifty_orders_is_light(admin: User, position: Trade, client: Client) -> None:
    client.force_login(admin)
    for _ in range(49):
        position.pk = None
        position._state.adding = True
        position.save()
    page = client.get(LIST).content
    assert page.count(b"</tr>") == 51
    assert len(gzip.compress(page)) <= 60_000


def test_the_table_has_the_class_by_which_the_script_of_bulk_actions_finds_it(
    admin: User, position: Trade, client: Client
) -> None:
    client.force_login(admin)
    assert 'class="records result-list"' in client.get(LIST).content.decode()
