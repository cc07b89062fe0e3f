"""Whether the engine keeps up with the quotes."""

from django.conf import settings

from core import vitals


def checks() -> list[tuple[str, bool, str]]:
    """The longest lag of all shards behind the path; READY_ENGINE_LAG is the most.

    None where no leader has told it: that one runs is told by its heartbeat.

    Raises:
        RedisError: Redis does not answer.
    """
    engines = vitals.told().get("engine", {}).values()
    lags = [engine["lag_ms"] / 1000 for engine in engines if "lag_ms" in engine]
    if not lags:
        return []
    slow = 0 < settings.READY_ENGINE_LAG < max(lags)
    return [("engine's lag", not slow, f"{max(lags):.1f} s behind the quotes")]
