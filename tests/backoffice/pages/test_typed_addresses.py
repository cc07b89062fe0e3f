"""Addresses that no link has, typed or made up, cause no internal error."""

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from market.models import Symbol
from tests.backoffice.fixtures import Browser

LISTS = [
    "trading/trade/?symbol=%00",
    "alerts/alertlog/?symbol=%00",
    "accounts/group/?account_mode__exact=%00",
    "accounts/user/?enable__exact=%00",
    "trading/trade/?state__exact=99999999999999999999999",
    "trading/trade/?cmd__exact=abc",
    "trading/trade/?open_time_from_0=0001-01-01",
    "trading/trade/?open_time_from_0=9999-12-31&open_time_to_0=9999-12-31",
    "trading/trade/?open_time_from_0=%00",
    "trading/trade/?p=999999999999999999999",
    "trading/trade/?q=%00 5",
    f"trading/trade/?q={quote('²')}",
    f"accounts/user/?q={quote('١٢')}",
    f"accounts/user/?q={'9' * 18}",
    "accounts/user/?name=%00",
    "autocomplete/?app_label=market&model_name=symbol&field_name=group&term=%00",
    "autocomplete/?app_label=%00&model_name=symbol&field_name=group&term=a",
]
ROWS = [
    "market/symbol/%00/change/",
    "market/symbol/_00/change/",
    "market/symbol/_00/history/",
    "market/symbol/EUR%00/change/",
    "accounts/user/99999999999999999999999/change/",
    "accounts/user/99999999999999999999999/password/",
    "accounts/user/%00/password/",
    "trading/trade/%00/change/",
    "trading/trade/x/change/",
]


@pytest.mark.usefixtures("everything", "no_menu")
def test_a_typed_address_causes_no_internal_error(client: Client, admin: User) -> None:
    client.force_login(admin)
    client.raise_request_exception = False
    answers = {url: client.get(f"/admin/{url}").status_code for url in (*LISTS, *ROWS)}
    assert {url: status for url, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("key", ["abc", "\0", "9" * 30, "-1", "²"])
def test_an_unknown_choice_is_an_error_at_its_field(
    browser: Browser, dan: User, eurusd: Symbol, key: str
) -> None:
    sent = {"group": key, "schedule": key}
    page = browser(dan).post("/admin/market/symbol/EURUSD/change/", sent)
    assert page.context["adminform"].form.errors.keys() >= sent.keys()


@pytest.mark.parametrize("key", ["abc", "\0", "9" * 30])
def test_an_unknown_role_is_an_error_at_its_field(
    browser: Browser, admin: User, dan: User, key: str
) -> None:
    page = browser(admin).post(f"/admin/accounts/user/{dan.pk}/change/", {"groups": [key]})
    assert page.context["adminform"].form.errors["groups"]
