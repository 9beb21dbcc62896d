"""How long refused clients are asked to stay away (upstream: dropped_requests_tracker.go).

It begins with a second and doubles, up to 32, while many requests go on being refused.
"""

from __future__ import annotations

import collections

MAX_RETRY_AFTER = 32


class RetryAfter:
    """Refusals of one priority level, counted by the second. Times are whole seconds."""

    __slots__ = ("_current", "_history", "_refused", "_updated", "seconds")

    def __init__(self) -> None:
        self.seconds = 1
        """What the Retry-After header says now."""
        self._history: collections.deque[tuple[int, int]] = collections.deque()
        self._current = 0
        self._refused = 0
        self._updated = 0

    def refused(self, second: int) -> None:
        """One more request was refused."""
        if second == self._current:
            self._refused += 1
            return
        self._history.append((self._current, self._refused))
        while second - self._history[0][0] > MAX_RETRY_AFTER:
            self._history.popleft()
            if not self._history:
                break
        self._current, self._refused = second, 1
        self._adjust(second)

    def _adjust(self, second: int) -> None:
        recent = sum(count for at, count in self._history if second - self.seconds <= at < second)
        if second - self._updated >= self.seconds and recent >= 3 * self.seconds:
            self.seconds = min(self.seconds * 2, MAX_RETRY_AFTER)
            self._updated = second
        elif recent < self.seconds and self.seconds > 1:
            self.seconds -= 1
