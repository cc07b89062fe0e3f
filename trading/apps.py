from django.apps import AppConfig


class TradingConfig(AppConfig):
    name = "trading"
    verbose_name = "Trading"

    def ready(self) -> None:
        from trading import first_deposit, terms  # noqa: F401 - they connect their receivers
        from trading.engine import news  # noqa: F401 - as well
