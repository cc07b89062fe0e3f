"""The tiles of trading on the dashboard."""

from backoffice.dashboard import Tile
from trading import tiles_money, tiles_risk

TILES = [
    Tile("totals", "Clients' money", "trading.view_totals", tiles_money.totals, wide=True),
    Tile("exposure", "Exposure", "trading.view_exposure", tiles_risk.exposure, wide=True),
    Tile("nearest", "Near stop-out", "trading.view_exposure", tiles_risk.nearest, wide=True),
    Tile("payments", "Deposits and withdrawals", "trading.view_totals", tiles_money.flows),
    Tile("rollover", "Last night's rollover", "trading.view_trade", tiles_money.rollover),
    Tile("engine", "Engine", "trading.view_trade", tiles_risk.engine),
]
