"""Whole numbers in the environment and on the command line are read strictly."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from config.environment import read_int
from tests.not_numbers import NO_INTEGERS

COMMANDS = (
    ("explain", "{}"),
    ("unlock", "{}"),
    ("reset_second_factor", "{}", "--reason=x"),
    ("run_engine", "--shard={}"),
    ("run_feed", "simulated", "--seed={}"),
    ("run_feed", "simulated", "--speed={}"),
)


@pytest.mark.parametrize("text", NO_INTEGERS)
def test_a_malformed_integer_variable_prevents_the_start(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SOME_NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match=r"SOME_NUMBER=.*: must be a whole number"):
        read_int("SOME_NUMBER", 5, 1, 100)


def test_an_integer_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_int("SOME_NUMBER", 5, 1, 100) == 5
    monkeypatch.setenv("SOME_NUMBER", "42")
    assert read_int("SOME_NUMBER", 5, 1, 100) == 42


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("text", ["1_0", "\u0661", "+1"])
def test_commands_refuse_malformed_integers(words: tuple[str, ...], text: str) -> None:
    with pytest.raises(CommandError, match="invalid"):
        call_command(*(word.format(text) for word in words))
