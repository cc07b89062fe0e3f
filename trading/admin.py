"""Register the section's pages; Django's admin looks for them here."""

from trading.backoffice import pages, rollover_pages
from trading.backoffice.explanations import explain_pages

__all__ = ["explain_pages", "pages", "rollover_pages"]
