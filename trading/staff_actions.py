"""The staff actions of trading: money, terms and orders, which need prices."""

from trading.staff.accounts import MONEY, TERMS
from trading.staff.trades import TRADES

ACTIONS = (*MONEY, *TERMS, *TRADES)
