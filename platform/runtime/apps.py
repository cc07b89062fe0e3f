import gc

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "runtime"
    verbose_name = "Private servers"

    def ready(self) -> None:
        """Turn garbage collection on, which the package `config` turns off."""
        # What is loaded by now stays: it is never looked at for garbage.
        gc.freeze()
        gc.enable()
