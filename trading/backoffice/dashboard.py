"""The tiles of trading on the dashboard."""

from backoffice.widgets.dashboard import DashboardTile
from trading.backoffice import money_tiles, risk_tiles

TILES = [
    DashboardTile(
        "totals", "Clients' money", "trading.view_totals", money_tiles.totals_tile, wide=True
    ),
    DashboardTile(
        "exposure", "Exposure", "trading.view_exposure", risk_tiles.exposure_tile, wide=True
    ),
    DashboardTile(
        "nearest", "Near stop-out", "trading.view_exposure", risk_tiles.nearest_tile, wide=True
    ),
    DashboardTile(
        "payments", "Deposits and withdrawals", "trading.view_totals", money_tiles.payments_tile
    ),
    DashboardTile(
        "rollover", "Last night's rollover", "trading.view_trade", money_tiles.rollover_tile
    ),
    DashboardTile("engine", "Engine", "trading.view_trade", risk_tiles.engine_tile),
]
