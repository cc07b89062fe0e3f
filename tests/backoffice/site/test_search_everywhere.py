"""The search of everything finds what the role may see, in the staff scope."""

import re

import pytest
from django.test import Client

from accounts.models import Account, User
from alerts.models import Alert
from tests.backoffice.fixtures import Browser
from trading.models import Trade

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def find(client: Client, term: str) -> list[str]:
    """Return the title and the kind of each result."""
    answer = client.get("/admin/search/", {"s": term, "extended": "1"})
    assert answer.status_code == 200
    for link in re.findall(r'href="([^"]+)"', answer.content.decode()):
        assert client.get(link).status_code == 200
    return [f"{one.title} | {one.description}" for one in answer.context["results"]]


@pytest.mark.parametrize("term", ["lic", "ÁLICE", "100001", "lice 100001"])
def test_a_client_is_found_by_any_part(admin: User, client: Client, term: str) -> None:
    client.force_login(admin)
    assert "100001 Alice | Client · demo-usd" in find(client, term)


def test_orders_and_alerts_are_found_by_their_number(
    admin: User, client: Client, trade: Trade
) -> None:
    client.force_login(admin)
    alert = Alert.objects.get()
    for term in (f"#{trade.order}", str(trade.order)):
        assert f"#{trade.order} | Order · buy EURUSD of 100001 Alice" in find(client, term)
    assert f"Alert {alert.pk} | Price alert · EURUSD of 100001" in find(client, str(alert.pk))


def test_symbols_and_pages_are_found(admin: User, client: Client) -> None:
    client.force_login(admin)
    assert any(one.startswith("EURUSD | Symbol") for one in find(client, "eur"))
    assert any(one.startswith("Holidays") for one in find(client, "holi"))


@pytest.mark.parametrize("term", ["", " ", "\0", "'", "9" * 30, "#", "%", "x" * 5000])
def test_no_term_breaks_it(admin: User, client: Client, term: str) -> None:
    client.force_login(admin)
    assert find(client, term) == []


def test_a_role_finds_only_what_it_may_see(
    browser: Browser, dan: User, carol: User, trade: Trade
) -> None:
    alert = Alert.objects.get()
    dealer = browser(dan)
    assert not any("Price alert" in one for one in find(dealer, str(alert.pk)))
    assert any("Order" in one for one in find(dealer, str(trade.order)))
    User.objects.filter(pk=carol.pk).update(managed_groups="none-such")
    support = browser(carol)
    assert not any("Client" in one for one in find(support, "alice"))
    assert not any("Order" in one for one in find(support, str(trade.order)))


def test_clients_do_not_search(alice: Account, client: Client) -> None:
    client.force_login(alice.user)
    assert client.get("/admin/search/", {"s": "alice", "extended": "1"}).status_code in (302, 403)
