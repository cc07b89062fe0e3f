"""The tiles of trading on the dashboard."""

from backoffice.dashboard import DashboardTile
from trading import tiles_money, tiles_risk

TILES = [
    DashboardTile(
        "totals", "Clients' money", "trading.view_totals", tiles_money.totals_tile, wide=True
    ),
    DashboardTile(
        "exposure", "Exposure", "trading.view_exposure", tiles_risk.exposure_tile, wide=True
    ),
    DashboardTile(
        "nearest", "Near stop-out", "trading.view_exposure", tiles_risk.nearest_tile, wide=True
    ),
    DashboardTile(
        "payments", "Deposits and withdrawals", "trading.view_totals", tiles_money.payments_tile
    ),
    DashboardTile(
        "rollover", "Last night's rollover", "trading.view_trade", tiles_money.rollover_tile
    ),
    DashboardTile("engine", "Engine", "trading.view_trade", tiles_risk.engine_tile),
]
