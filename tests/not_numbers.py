"""Texts that Python reads as numbers but the contract does not."""

ARABIC, FULL_WIDTH = "\u0661\u0662", "\uff11\uff12"
NO_INTEGERS = (
    "1_0", "19_21", "+1", " 1", "1 ", "1\n", "01", "0x1", "1.0", "1e1", "--1", "", ARABIC,
    FULL_WIDTH, "1" * 5000,
)  # fmt: skip
WHOLE = ("1.0", "1e1")  # of these the API reads the value, as a body has no other one
NOT_WHOLE = tuple(text for text in NO_INTEGERS if text not in WHOLE)
NO_DECIMALS = (
    "1_0", "1_0.5", "+1", " 1", "1 ", "01", "1.", ".5", "0x1", "NaN", "Infinity", "-inf", "1e", "",
    "1e" + "9" * 30, ARABIC, f"{FULL_WIDTH}.5",
)  # fmt: skip
# What no field of a form reads either, though it lets blanks around a number pass.
NOT_TYPED = ("1_0", "+10", "1 0", "0x10", "NaN", "1,0", ARABIC, FULL_WIDTH)
# What no field of a decimal reads, which takes the comma for the sign before the decimals.
NOT_DECIMAL = (*(text for text in NOT_TYPED if text != "1,0"), "1e3")
