"""Health check of the engine's lag behind the tick log."""

from django.conf import settings

from core import heartbeats


def checks() -> list[tuple[str, bool, str]]:
    """Check the longest lag of all shards (s) against READY_ENGINE_LAG; 0 sets no limit.

    Returns name, ok and text; nothing while no leader reports a lag: whether one runs is
    the heartbeat's own check.

    Raises:
        RedisError: Redis does not answer.
    """
    engines = heartbeats.read_heartbeats().get("engine", {}).values()
    lags = [engine["lag_ms"] / 1000 for engine in engines if "lag_ms" in engine]
    if not lags:
        return []
    slow = 0 < settings.READY_ENGINE_LAG < max(lags)
    return [("engine's lag", not slow, f"{max(lags):.1f} s behind the quotes")]
