"""The name pattern by which a group hides symbols."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Group


@pytest.mark.parametrize(
    ("mask", "hidden", "seen"),
    [
        ("", "", "EURUSD BTCUSD"),
        ("EURUSD", "EURUSD eurusd", "EURUSDX XEURUSD GBPUSD"),
        ("BTC*", "BTC BTCUSD", "XBTC EURUSD"),
        ("*USD", "EURUSD BTCUSD", "USDJPY"),
        ("*BTC*,EUR*", "BTCUSD XBTCX EURJPY", "GBPUSD"),
        ("BTC*,!BTCUSD", "BTCEUR", "BTCUSD"),
        ("!BTCUSD,BTC*", "BTCUSD", "EURUSD"),
        ("*, !EURUSD, !GBPUSD", "USDJPY BTCUSD", "EURUSD GBPUSD"),
        ("!EURUSD", "", "EURUSD GBPUSD"),
        ("US.500", "US.500", "USX500"),
        ("btc*", "BTCUSD", "EURUSD"),
        ("*" * 40 + "Z", "AZ", "A" * 16),
        ("*A" * 8 + "*Z", "A" * 15 + "Z", "A" * 16),
    ],
)
def test_symbols_that_match_the_pattern_are_hidden(mask: str, hidden: str, seen: str) -> None:
    group = Group(hidden_symbols=mask)
    assert [name for name in hidden.split() if not group.hides(name)] == []
    assert [name for name in seen.split() if group.hides(name)] == []


@pytest.mark.parametrize("mask", ["BTC*", "BTC*,!BTCUSD", "*, !EURUSD", "US.500"])
def test_a_pattern_is_a_list_of_names(mask: str) -> None:
    Group(name="g", hidden_symbols=mask).clean_fields()


@pytest.mark.parametrize("mask", ["!", "BTC*,", ",", "BTC* ETH*", "!!BTC", "A,,B", "A;B C"])
def test_an_invalid_pattern_is_refused(mask: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Group(name="g", hidden_symbols=mask).clean_fields()
    assert list(refused.value.message_dict) == ["hidden_symbols"]
