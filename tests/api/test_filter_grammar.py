"""Every filter that the grammar can say, compared with a plain filter over the same rows."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tests.api import filter_oracle
from tests.api.filter_rows import COMMENTS, SampleTrades, create_trades
from tests.conftest import Signed, error_of
from tests.fuzz import examples
from trading.api.trades_table import FILTER_COLUMNS, ORDER_COLUMNS, STRUCTURE

STEADY = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MOST = 2**63 - 1
SYMBOLS = ("EURUSD", "USDJPY", "GBPUSD", "", "eurusd")
NUMBERS = (0, 1, 2, 3, 6, 9, 100, 250, 100001, 1_700_000_002, 1_700_000_103, 1_800_000_000)
AMOUNTS = (0, 0.0, -0.0, 1.1, 1.09995, 150.125, 1e-08, 1.05, -12.34, 5.5, 1000.0, -0.07, 0.3, -1.57)

letters = st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00İẞ")
pieces = st.sampled_from([*"%_\\'\";PplaÖß日🙂 ", "plain", "--", "%s", "DROP"])
texts = st.one_of(
    st.sampled_from(COMMENTS + SYMBOLS),
    st.lists(pieces, max_size=5).map("".join),
    st.text(letters, max_size=6),
)
whole = st.one_of(st.sampled_from(NUMBERS), st.integers(-2, 12), st.integers(-MOST, MOST))
amounts = st.one_of(
    st.sampled_from(AMOUNTS),
    st.floats(-2000, 2000).map(lambda value: round(value, 2)),
    st.floats(-9e18, 9e18, allow_nan=False),
    whole,
)
VALUES: dict[type, st.SearchStrategy[Any]] = {str: texts, int: whole, Decimal: amounts}


def values(field: str) -> st.SearchStrategy[Any]:
    return VALUES[FILTER_COLUMNS[field].kind]


def operators(field: str) -> st.SearchStrategy[str]:
    usual = ["=", "==", "!=", ">", "<", ">=", "<="]
    return st.sampled_from([*usual, *["like"] * 6] if FILTER_COLUMNS[field].kind is str else usual)


fields = st.sampled_from([*FILTER_COLUMNS])


def conditions(build: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(fields.flatmap(build), max_size=2)


def triple(field: str) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(field), operators(field), values(field)).map(list)


def pair(field: str) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(field), values(field)).map(list)


def several(field: str) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(field), st.lists(values(field), max_size=4)).map(list)


def span(field: str) -> st.SearchStrategy[Any]:
    bounds = st.tuples(values(field), values(field)).map(list)
    ordered = bounds.map(sorted)
    return st.tuples(st.just(field), st.one_of(ordered, ordered, bounds)).map(list)


orderings = st.tuples(
    st.sampled_from([*ORDER_COLUMNS]), st.sampled_from(["asc", "desc"])
).map(list)  # fmt: skip
filters = st.fixed_dictionaries(
    {
        "tradeType": st.integers(0, 4),
        "limit": st.sampled_from([1, 3, 10, 1000, 50_000]),
        "offset": st.sampled_from([0, 0, 0, 1, 7, 1000, MOST]),
    },
    optional={
        "where": conditions(triple),
        "whereNot": conditions(pair),
        "whereIn": conditions(several),
        "whereNotIn": conditions(several),
        "whereBetween": conditions(span),
        "whereNotBetween": conditions(span),
        "orderBy": st.lists(orderings, max_size=3),
    },
)
ALL = {"tradeType": 0, "limit": 1000, "offset": 0}


@pytest.fixture
def book(db: None) -> SampleTrades:
    return create_trades()


@pytest.fixture
def client(signed_in: Signed, book: SampleTrades) -> APIClient:
    return signed_in(book.account)


def ask(client: APIClient, asked: dict[str, Any], way: str) -> Any:
    """The parameters as a JSON body of the GET, in its query as JSON, or there in brackets."""
    if way == "body":
        body: Any = json.dumps(asked).encode()
        return client.generic("GET", "/trades", body, "application/json")
    query = {key: json.dumps(value) for key, value in asked.items()}
    if way == "brackets":
        for key, value in asked.items():
            if isinstance(value, list) and has_no_empty_list(value):
                del query[key]
                query |= spell_out(key, value)
    return client.get("/trades", query)


def has_no_empty_list(value: Any) -> bool:
    """Return whether brackets can express the list: an empty one has no element."""
    return not isinstance(value, list) or (value != [] and all(map(has_no_empty_list, value)))


def spell_out(name: str, value: Any) -> dict[str, str]:
    """Return the query parameters of a nested list, each element with its indexes."""
    if isinstance(value, list):
        parts = (spell_out(f"{name}[{index}]", inner) for index, inner in enumerate(value))
        return {key: text for part in parts for key, text in part.items()}
    return {name: value if isinstance(value, str) else json.dumps(value)}


def test_the_sample_has_rows_of_every_kind(book: SampleTrades) -> None:
    for trade_type, least in enumerate((60, 10, 20, 10, 12)):
        found = filter_oracle.expected_answer(book.rows, {**ALL, "tradeType": trade_type})
        assert found["count"] >= least
    floating = [row["profit"] for row in book.rows if row["state"] == 0 and row["cmd"] in (0, 1)]
    assert min(floating) < 0 < max(floating)


@settings(STEADY, max_examples=examples(150))
@given(asked=filters, way=st.sampled_from(["body", "query", "brackets"]))
@example(asked={**ALL, "whereIn": [["order", []]]}, way="body")
@example(asked={**ALL, "whereNotIn": [["order", []]]}, way="body")
@example(asked={**ALL, "where": [["state", "==", 2**40]]}, way="body")
@example(asked={**ALL, "where": [["cmd", "<", 2**40]], "whereIn": [["cmd", [2**40, 1]]]},
         way="query")  # fmt: skip
@example(asked={**ALL, "where": [["comment", "like", "a\\_b"]]}, way="body")
@example(asked={**ALL, "where": [["comment", "like", "%\\"]]}, way="body")
@example(asked={**ALL, "where": [["profit", ">", 0.0]], "orderBy": [["net_profit", "asc"]]},
         way="query")  # fmt: skip
def test_a_filter_answers_what_a_plain_loop_over_the_rows_finds(
    client: APIClient, book: SampleTrades, asked: dict[str, Any], way: str
) -> None:
    answer = ask(client, asked, way)
    assert answer.status_code == 200, answer.content
    body = json.loads(answer.content, parse_float=Decimal)
    assert tuple(body.pop("structure")) == STRUCTURE
    assert body == filter_oracle.expected_answer(book.rows, asked)


def test_every_operator_separates_the_rows_at_a_stored_value(
    client: APIClient, book: SampleTrades, subtests: pytest.Subtests
) -> None:
    for field in FILTER_COLUMNS:
        with subtests.test(field):
            check_operators(client, book, field)


def check_operators(client: APIClient, book: SampleTrades, field: str) -> None:
    """Check every operator of the field's kind at the value in the middle of the rows."""
    held = sorted(row[field] for row in book.rows)[len(book.rows) // 2]
    value = float(held) if isinstance(held, Decimal) else held
    asked: list[dict[str, Any]] = [
        {"where": [[field, operator, value]]}
        for operator in ("=", "==", "!=", ">", "<", ">=", "<=")
    ]
    asked.append({"whereNot": [[field, value]]})
    asked += [{key: [[field, [value]]]} for key in ("whereIn", "whereNotIn")]
    asked += [{key: [[field, [value, value]]]} for key in ("whereBetween", "whereNotBetween")]
    if field in ORDER_COLUMNS:
        asked += [{"orderBy": [[field, direction]]} for direction in ("asc", "desc")]
    for one in asked:
        answer = ask(client, {**ALL, **one}, way="query")
        body = json.loads(answer.content, parse_float=Decimal)
        del body["structure"]
        assert body == filter_oracle.expected_answer(book.rows, {**ALL, **one}), one


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5), fields, st.sampled_from(["==", "like", "asc"]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
GRAMMAR = ("where", "whereNot", "whereIn", "whereNotIn", "whereBetween", "whereNotBetween")


@settings(STEADY, max_examples=examples(100))
@given(key=st.sampled_from([*GRAMMAR, "orderBy"]), value=st.lists(anything, max_size=2) | anything)
def test_any_filter_value_is_answered_or_refused_as_invalid(
    client: APIClient, key: str, value: Any
) -> None:
    answer = ask(client, {**ALL, key: value}, way="body")
    if answer.status_code != 200:
        assert error_of(answer) == (400, "INVALID_DATA")


@settings(STEADY, max_examples=examples(100))
@given(data=st.data(), key=st.sampled_from(GRAMMAR))
def test_a_value_of_another_type_than_the_fields_is_refused(
    client: APIClient, data: st.DataObject, key: str
) -> None:
    field = data.draw(fields)
    wrong = data.draw(scalars.filter(lambda value: not fits(field, value)))
    parts: dict[str, Any] = {"where": ["==", wrong], "whereNot": [wrong]}
    condition = [field, *parts.get(key, [[wrong, wrong]])]
    answer = ask(client, {**ALL, key: [condition]}, way="body")
    assert error_of(answer) == (400, "INVALID_DATA")


def fits(field: str, value: Any) -> bool:
    kind = FILTER_COLUMNS[field].kind
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, str):
        return kind is str and "\x00" not in value
    number = (
        isinstance(value, int) or kind is Decimal or (value == int(value) and abs(value) < 2**53)
    )
    return kind is not str and number and abs(value) <= MOST


def test_the_longest_filter_that_is_allowed_is_answered_and_a_longer_one_refused(
    client: APIClient,
) -> None:
    lists = [["net_profit", [n / 8 for n in range(1000)]]] * 30
    longest = {**ALL, "whereIn": lists, "whereNotIn": lists}
    answer = ask(client, longest, way="body")
    assert (answer.status_code, answer.json()["count"]) == (200, 0)
    for longer in ([*lists, lists[0]], [["order", list(range(1001))]]):
        answer = ask(client, {**ALL, "whereIn": longer}, way="body")
        assert error_of(answer) == (400, "INVALID_DATA")
