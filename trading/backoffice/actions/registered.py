"""The staff actions of trading: money, terms and orders, which need prices."""

from trading.backoffice.actions.bulk_actions import BULK
from trading.backoffice.actions.money_operations import MONEY, TERMS
from trading.backoffice.actions.orders import TRADES
from trading.backoffice.reports.send_statement import SendStatement

ACTIONS = (*MONEY, *TERMS, *TRADES, *BULK, SendStatement)
