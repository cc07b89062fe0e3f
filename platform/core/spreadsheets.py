"""Text for CSV and XLSX files that no spreadsheet program runs as a formula."""

from unicodedata import normalize

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet runs begins with one of these


def escape_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run.

    The first character counts in its compatibility form: programs for East Asian scripts read the
    full-width and small signs (U+FF1D, U+FE66 …) as the plain ones.
    """
    return f"'{text}" if normalize("NFKC", text[:1]).startswith(STARTS) else text
