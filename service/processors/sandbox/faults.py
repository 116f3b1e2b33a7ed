"""The control script: what goes wrong next, on purpose, in deliveries and in calls."""

import threading
from dataclasses import dataclass, field
from typing import Any

ERRORS = ("500", "429", "timeout_after_success", "malformed")


@dataclass(slots=True)
class DeliveryScript:
    """What happens to the next deliveries. ``duplicate`` is how often each is sent in all."""

    left: int = 0
    duplicate: int = 1
    delay_s: float = 0
    shuffle: bool = False
    drop: int = 0


@dataclass(slots=True)
class Faults:
    """The scripts in force. Thread-safe."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _delivery: DeliveryScript = field(default_factory=DeliveryScript)
    _error: str = ""
    _errors_left: int = 0

    def script_deliveries(self, script: dict[str, Any]) -> None:
        """What goes wrong with the next deliveries."""
        with self._lock:
            self._delivery = DeliveryScript(
                left=_count(script.get("count", 1)),
                duplicate=max(1, _count(script.get("duplicate", 1))),
                delay_s=float(script.get("delay_s", 0)),
                shuffle=bool(script.get("shuffle", False)),
                drop=_count(script.get("drop", 0)),
            )

    def script_errors(self, error: str, count: int) -> dict[str, Any]:
        """What goes wrong with the next calls. Raises ValueError for an error that nobody knows how to make."""
        if error not in ERRORS:
            raise ValueError(f"error is one of {', '.join(ERRORS)}")
        with self._lock:
            self._error, self._errors_left = error, _count(count)
        return {"error": error, "count": count}

    def reset(self) -> dict[str, Any]:
        """End all scripts."""
        with self._lock:
            self._delivery, self._error, self._errors_left = DeliveryScript(), "", 0
        return {"reset": True}

    def next_delivery(self) -> DeliveryScript:
        """How the next delivery goes; uses one of the script's count."""
        with self._lock:
            script = self._delivery
            if script.left <= 0:
                return DeliveryScript()
            script.left -= 1
            dropped = script.drop > 0
            script.drop -= dropped
            return DeliveryScript(script.left, script.duplicate, script.delay_s, script.shuffle, int(dropped))

    def next_error(self) -> str:
        """The error of the next call of the API, or an empty text."""
        with self._lock:
            if self._errors_left <= 0:
                return ""
            self._errors_left -= 1
            return self._error


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ValueError("a count is a whole number from 0 to 100000")
    return value
