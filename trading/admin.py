"""Register the section's pages; Django's admin looks for them here."""

from trading.backoffice import explain_pages, pages, rollover_pages

__all__ = ["explain_pages", "pages", "rollover_pages"]
