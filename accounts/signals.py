"""What accounts tell the sections that build on them: accounts import none of these."""

from django.dispatch import Signal

# Sent inside the transaction that opens an account; argument `account`, the new row.
account_opened = Signal()
