"""Average, deviation and peak of a number over time (upstream: fairqueuing/integrator.go); next: `priority_level.py`."""

from __future__ import annotations

import dataclasses
import math


@dataclasses.dataclass(frozen=True, slots=True)
class Observed:
    """What a number was like for `duration` seconds."""

    duration: float
    average: float
    deviation: float
    peak: float


class Integrator:
    """Adds up a number's time; the number holds until it is set again. Times are monotonic seconds."""

    __slots__ = ("_duration", "_integral", "_last", "_peak", "_squares", "value")

    def __init__(self, now: float) -> None:
        self.value = 0
        self._last = now
        self._duration = self._integral = self._squares = 0.0
        self._peak = 0

    def set(self, now: float, value: int) -> None:
        """The number changes."""
        passed = now - self._last
        self._last = now
        self._duration += passed
        weighted = passed * self.value
        self._integral += weighted
        self._squares += weighted * self.value
        self.value = value
        self._peak = max(self._peak, value)

    def reset(self, now: float) -> Observed:
        """What it was like since the last reset."""
        self.set(now, self.value)
        duration, average, deviation = self._duration, 0.0, 0.0
        if duration > 0:
            average = self._integral / duration
            deviation = math.sqrt(max(0.0, self._squares / duration - average * average))
        observed = Observed(duration, average, deviation, self._peak)
        self._duration = self._integral = self._squares = 0.0
        self._peak = self.value
        return observed
