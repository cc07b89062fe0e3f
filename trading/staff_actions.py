"""What staff do to accounts and trades that takes prices: money, terms, orders."""

from trading.staff.accounts import MONEY, TERMS
from trading.staff.trades import TRADES

ACTIONS = (*MONEY, *TERMS, *TRADES)
