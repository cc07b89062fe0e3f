"""The client header: on every page about a client, with what the reader may see of it."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import SessionType
from accounts.models import Account, User
from alerts.models import AlertLog
from backoffice.models import Approval
from backoffice.widgets.client_header import ClientHeader
from core.clock import now_ms
from market.models import Symbol
from tests import factories
from tests.backoffice.actions.account_actions import action_url, refusal_text
from tests.conftest import staff
from trading import services
from trading.backoffice.clients.account_header import load_client_header
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger

CONTACT = {"email": "alice@example.com", "phone": "+39 02 555 0134", "country": "Italy"}


@pytest.fixture
def client_alice(alice: Account) -> Account:
    """Alice with everything that a profile can hold."""
    User.objects.filter(pk=alice.pk).update(**CONTACT)
    return alice


def header_for(reader: User, login: int) -> ClientHeader:
    header = load_client_header(reader, login)
    assert header is not None
    return header


def figures(header: ClientHeader) -> dict[str, str]:
    assert header.figures is not None
    return {label: str(value) for label, value in header.figures.figures}


def test_the_figures_say_what_can_be_withdrawn(admin: User, alice: Account, eurusd: Symbol) -> None:
    ledger.post_operation(login=alice.pk, cmd=Cmd.CREDIT_IN, amount=Decimal(500))
    services.open_market(login=alice.pk, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    found = figures(header_for(admin, alice.pk))
    assert found == {
        "Balance": "10,000.00 USD", "Credit": "500.00", "Equity": "10,490.00",
        "Free margin": "9,389.90", "Withdrawable": "8,889.90", "Margin level": "953.55 %",
    }  # fmt: skip
    with pytest.raises(Exception, match=r"can be taken out: 8,889\.90 USD"):
        ledger.post_operation(login=alice.pk, cmd=Cmd.BALANCE_OUT, amount=Decimal("8889.91"))
    ledger.post_operation(login=alice.pk, cmd=Cmd.BALANCE_OUT, amount=Decimal("8889.90"))


def test_without_a_price_nothing_is_called_withdrawable(
    admin: User, alice: Account, eurusd: Symbol
) -> None:
    services.open_market(login=alice.pk, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    factories.remove_quotes("EURUSD")
    header = header_for(admin, alice.pk)
    assert figures(header)["Withdrawable"] == "–"
    assert "there is no quote of EURUSD" in header.note


def test_badges_say_what_is_not_as_usual(admin: User, alice: Account, eurusd: Symbol) -> None:
    assert header_for(admin, alice.pk).badges == []
    User.objects.filter(pk=alice.pk).update(enable=False)
    Account.objects.filter(pk=alice.pk).update(enable_read_only=True, margin_called=True)
    badges = [text for text, _ in header_for(admin, alice.pk).badges]
    assert badges == ["DISABLED", "READ-ONLY", "MARGIN CALL"]


@pytest.mark.parametrize(
    ("kind", "role", "contact"),
    [
        (SessionType.MANAGER, "manager", True),
        (SessionType.MANAGER, "support", True),
        (SessionType.DEALER, "dealer", False),
    ],
)
def test_contact_data_is_shown_to_roles_that_may_see_people(
    client_alice: Account, kind: SessionType, role: str, contact: bool
) -> None:
    header = header_for(staff(50, "Reader", kind, role), client_alice.pk)
    facts = dict(header.facts)
    assert (header.name, facts.pop("Group"), facts.pop("Leverage")) == (
        "Alice",
        "demo-usd",
        "1:100",
    )
    assert list(facts.values()) == (list(CONTACT.values()) if contact else [])
    pages = ["Account", "Client"] if contact else ["Account"]
    assert [link.text for link in header.links] == pages


def test_staff_of_other_groups_or_without_a_role_see_no_header(
    client_alice: Account, bob: Account
) -> None:
    mia = staff(50, "Mia", SessionType.MANAGER, "manager")
    mia.managed_groups = "std-*"
    assert load_client_header(mia, client_alice.pk) is None
    assert load_client_header(mia, 50) is None, "a colleague without an account"
    assert header_for(mia, bob.pk).name == "Bob"
    assert load_client_header(staff(51, "Nora", SessionType.MANAGER), client_alice.pk) is None


def test_a_person_without_an_account_has_no_figures(admin: User, dan: User) -> None:
    header = header_for(admin, dan.pk)
    assert (header.name, header.figures) == ("Dan", None)
    assert [link.text for link in header.links] == ["Client"]


def test_the_header_is_on_every_page_about_a_client(
    admin: User, client_alice: Account, log: AlertLog, position: Trade
) -> None:
    approval = Approval.objects.create(
        asked_by=admin, asked_at=now_ms(), expires_at=now_ms() + 10**6, model="accounts.account",
        key="100001", action="deposit", title="Deposit", login=100001, amount=Decimal(500),
        currency="USD",
    )  # fmt: skip
    fill = position.fills.get()
    pages = {
        "accounts_account": 100001, "accounts_user": 100001, "trading_trade": position.pk,
        "trading_fill": fill.pk, "alerts_alert": log.alert_id, "alerts_alertlog": log.pk,
        "backoffice_approval": approval.pk,
    }  # fmt: skip
    urls = [reverse(f"admin:{name}_change", args=[key]) for name, key in pages.items()]
    urls.append(reverse("admin:trading_trade_explain", args=[position.pk]))
    urls.append(reverse("admin:trading_trade_act", args=[position.pk, "close"]))
    urls += [action_url(client_alice, action) for action in ("deposit", "open-trade", "disable")]
    browser = Client()
    browser.force_login(admin)
    for url in urls:
        text = " ".join(browser.get(url).content.decode().split())
        assert text.count('aria-label="Client"') == 1, url
        for part in ("Alice", *CONTACT.values(), "demo-usd", "1:100", "Withdrawable"):
            assert part in text, (url, part)
        for page in ("accounts/account", "accounts/user"):
            assert f'href="/admin/{page}/100001/change/"' in text, (url, page)


def test_live_pages_replace_the_figures_of_the_header(admin: User, alice: Account) -> None:
    browser = Client()
    browser.force_login(admin)
    live = browser.get(f"/admin/accounts/account/{alice.pk}/live/").content.decode()
    assert live.count('hx-swap-oob="true"') == 2
    assert "10,000.00 USD" in live


def test_an_open_position_shows_its_floating_profit_on_its_own_page(
    admin: User, position: Trade
) -> None:
    browser = Client()
    browser.force_login(admin)
    page = browser.get(reverse("admin:trading_trade_change", args=[position.pk]))
    assert "-10.00" in page.content.decode()


def test_a_withdrawal_form_refuses_with_the_figure(admin: User, alice: Account) -> None:
    browser = Client()
    browser.force_login(admin)
    sent = {"reason": "r", "form": "3f2f8f0e-96b4-4d3c-a4f3-7a3a0b2f4b1c", "amount": "10000.01"}
    answer = browser.post(action_url(alice, "withdraw"), sent)
    assert "10,000.00 USD" in refusal_text(answer)
