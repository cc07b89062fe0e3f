"""The engine's map of integers, beside a dict that does the same."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import examples
from trading.engine.arrays import REMOVED_AT_LEAST, SortedIntMap

KEYS = 1000


def filled_map(keys: range) -> SortedIntMap:
    """Return a map in which each key has itself as value."""
    found = SortedIntMap()
    for key in keys:
        found.put(key, key)
    return found


def assert_same(found: SortedIntMap, expected: dict[int, int]) -> None:
    """Assert that the map has the entries of the dict and no others."""
    assert len(found) == len(expected)
    assert list(found) == sorted(expected)
    for key in range(-1, KEYS + 1):
        assert found.get(key) == expected.get(key, -1)
        assert (key in found) == (key in expected)


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 3000), removals=st.sampled_from([0.3, 0.7]))
@settings(max_examples=examples(20))
def test_a_map_holds_what_a_dict_holds(seed: int, steps: int, removals: float) -> None:
    chance = Random(seed)
    found, expected = filled_map(range(0, KEYS, 2)), {key: key for key in range(0, KEYS, 2)}
    for _ in range(steps):
        key = chance.randrange(KEYS)
        if chance.random() < removals:
            assert found.pop(key) == expected.pop(key, -1)
        else:
            value = chance.randrange(10)
            found.put(key, value)
            expected[key] = value
    assert_same(found, expected)


def test_a_removed_key_is_gone_at_once_and_its_default_answers() -> None:
    found = filled_map(range(10))
    assert found.pop(3) == 3
    assert found.pop(3) == -1
    assert found.get(3, 7) == 7
    assert 3 not in found
    assert len(found) == 9


def test_a_removed_key_that_comes_again_is_there_once() -> None:
    found = filled_map(range(10))
    found.pop(3)
    found.put(3, 5)
    assert found.get(3) == 5
    assert list(found) == list(range(10))
    assert len(found) == 10


def test_removed_keys_give_their_memory_back() -> None:
    found = filled_map(range(100_000))
    full = found.nbytes
    for key in range(0, 100_000, 2):
        found.pop(key)
    assert found.nbytes <= 0.6 * full
    for key in range(1, 100_000, 2):
        found.pop(key)
    assert len(found) == 0
    assert found.nbytes <= 16 * (REMOVED_AT_LEAST + 1)
