"""Numbers in the query follow JSON's grammar: what only Python would read is refused."""

from urllib.parse import quote

import pytest

from accounts.models import Account
from api.input_fields import IntField, NumberField, QueryText
from market.models import Symbol
from tests.conftest import Signed, error_of
from tests.not_numbers import NO_DECIMALS, NO_INTEGERS, NOT_WHOLE
from trading import services
from trading.enums import Cmd, State
from trading.models import Trade


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)


def test_an_order_or_volume_that_is_no_number_closes_nothing(
    signed_in: Signed, position: Trade, subtests: pytest.Subtests
) -> None:
    client = signed_in(position.account)
    for text in (text for text in NOT_WHOLE if len(text) < 100):
        for query in (f"order={quote(text)}", f"order={position.order}&volume={quote(text)}"):
            with subtests.test(query):
                answer = client.generic("DELETE", f"/trade/close?{query}")
                assert error_of(answer) == (400, "INVALID_DATA")
                position.refresh_from_db()
                assert (position.state, position.volume) == (State.OPEN, 100)


def test_an_order_with_an_underscore_between_its_digits_stays_open(
    signed_in: Signed, position: Trade
) -> None:
    answer = signed_in(position.account).generic("DELETE", f"/trade/close?order=0_{position.order}")
    assert error_of(answer) == (400, "INVALID_DATA")
    position.refresh_from_db()
    assert position.state == State.OPEN


@pytest.mark.parametrize("text", NOT_WHOLE)
def test_integer_fields_refuse_malformed_integers(text: str) -> None:
    with pytest.raises(Exception, match="valid integer"):
        IntField().run_validation(QueryText(text))


@pytest.mark.parametrize("text", NO_DECIMALS)
def test_number_fields_refuse_malformed_numbers(text: str) -> None:
    with pytest.raises(Exception, match="must be a number"):
        NumberField().run_validation(QueryText(text))


def test_the_query_takes_json_numbers() -> None:
    assert IntField().run_validation(QueryText("-12")) == -12
    assert IntField().run_validation(QueryText("9223372036854775807")) == 2**63 - 1
    for text in ("12.0", "1.2e1", "12.000000000000000000000"):
        assert IntField().run_validation(QueryText(text)) == 12
    assert str(NumberField().run_validation(QueryText("1.10"))) == "1.1"


def test_a_string_in_a_body_is_not_read_as_a_number(
    signed_in: Signed, position: Trade, subtests: pytest.Subtests
) -> None:
    client = signed_in(position.account)
    for text in NO_INTEGERS:
        with subtests.test(text):
            answer = client.delete("/trade/close", {"order": text})
            assert error_of(answer) == (400, "INVALID_DATA")
