"""Texts that a spreadsheet would run as formulas get an apostrophe, and no others."""

import pytest

from core.spreadsheets import escape_formula

RUN = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1")
FULL_WIDTH = ("＝1+1", "＋1", "－1", "＠SUM(A1)")
SMALL = ("\ufe66" + "1", "\ufe62" + "1", "\ufe63" + "1", "\ufe6b" + "A1")


@pytest.mark.parametrize("text", [*RUN, *FULL_WIDTH, *SMALL])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "'=1", "a=1", "1-1", " ", "日本", "ﬁne", "x\n=1"])
def test_other_text_is_unchanged(text: str) -> None:
    assert escape_formula(text) == text
