"""The comparison of shapes itself: mismatches are found."""

from typing import Any

import pytest

from tests.contract.shapes import Each, Either, check_shape, fields, table

ROWS = table("id:int price:num name:str", count=1)
GOOD = {"structure": ["id", "price", "name"], "rows": [[1, 1.5, "a"], [2, 1, "b"]], "count": 1}


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (ROWS, GOOD),
        (fields("id:int any:any"), {"any": None, "id": 0}),
        (Either((float, None)), None),
        (Either((float, None)), 1),
        (Each(int), [1, 2]),
        (1.0, 1),
        ([1, str], [1, "x"]),
    ],
)
def test_a_matching_value_passes(shape: Any, value: Any) -> None:
    check_shape(shape, value)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (ROWS, GOOD | {"structure": ["price", "id", "name"]}),
        (ROWS, GOOD | {"rows": []}),
        (ROWS, GOOD | {"rows": [[1, 1.5]]}),
        (ROWS, GOOD | {"rows": [[1, 1.5, "a"], ["2", 1, "b"]]}),
        (ROWS, GOOD | {"count": 2}),
        (ROWS, GOOD | {"total": 2}),
        (fields("id:int"), {}),
        (fields("id:int"), {"id": 1.5}),
        (fields("id:int"), {"id": True}),
        (fields("id:num"), {"id": "1"}),
        (fields("id:str"), {"id": None}),
        (Either((float, None)), "x"),
        (Each(int), []),
        (1, True),
        (None, 0),
        ([1, 2], [1, 2, 3]),
    ],
)
def test_a_mismatch_fails(shape: Any, value: Any) -> None:
    with pytest.raises(AssertionError):
        check_shape(shape, value)
