"""Codes that are mailed to prove a mailbox: of sign-ups, and of addresses for alerts."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no look-alikes; five bits a character


def generate_code(length: int) -> str:
    """Return a random code of so many characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normalize_code(typed: str) -> str:
    """Return the code in upper case, without the hyphens and spaces that make it readable."""
    return typed.upper().replace("-", "").replace(" ", "")
