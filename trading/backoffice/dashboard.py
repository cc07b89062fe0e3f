"""The tiles of trading on the dashboard."""

from backoffice.widgets.dashboard import DashboardTile
from trading.backoffice import money_tiles, risk_tiles
from trading.backoffice.exposure.exposure_page import EXPOSURE_TILES

TILES = [
    DashboardTile(
        "totals", "Clients' money", "trading.view_totals", money_tiles.totals_tile, wide=True
    ),
    *EXPOSURE_TILES,
    DashboardTile(
        "nearest", "Margin risk", "trading.view_exposure", risk_tiles.risk_tile, wide=True
    ),
    DashboardTile(
        "payments", "Deposits and withdrawals", "trading.view_totals", money_tiles.payments_tile
    ),
    DashboardTile(
        "rollover", "Last night's rollover", "trading.view_trade", money_tiles.rollover_tile
    ),
    DashboardTile("engine", "Engine", "trading.view_trade", risk_tiles.engine_tile),
]
