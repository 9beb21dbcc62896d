"""Who follows which keys of a store in this process; next: `local_watch.py`, or `state.py`, which publishes.

Nearly all followers follow one directory of keys (`/registry/pods/`), and nearly all events share their
directory with earlier ones, so the followers of a directory are looked up once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubern.storage.interface import Event, EventSink
from kubern.storage.keys import prefix_end

_MAX_ROUTES = 20_000


class Feed:
    """One follower of the range [start, end)."""

    __slots__ = ("directory", "end", "failed", "sink", "start")

    def __init__(self, start: str, end: str, sink: EventSink, failed: Callable[[BaseException], None]) -> None:
        self.start = start
        self.end = end
        self.sink = sink
        self.failed = failed
        self.directory = start.endswith("/") and end == prefix_end(start)


class Feeds:
    """The set of followers, and the routing of event batches to them."""

    __slots__ = ("_feeds", "_odd", "_routes")

    def __init__(self) -> None:
        self._feeds: list[Feed] = []
        self._odd: list[Feed] = []
        self._routes: dict[str, list[Feed]] = {}

    def add(self, feed: Feed) -> Callable[[], None]:
        """Start following; the returned function ends it and may be called twice."""
        self._feeds.append(feed)
        if not feed.directory:
            self._odd.append(feed)
        self._routes.clear()

        def remove() -> None:
            if feed in self._feeds:
                self._feeds.remove(feed)
                if not feed.directory:
                    self._odd.remove(feed)
                self._routes.clear()

        return remove

    def publish(self, events: Sequence[Event], rev: int) -> None:
        """Hand each follower the events of its range, in order."""
        if not self._feeds:
            return
        batches: dict[Feed, list[Event]] = {}
        for event in events:
            for feed in self._followers(event.key):
                batches.setdefault(feed, []).append(event)
        for feed, batch in batches.items():
            feed.sink(batch, rev)

    def fail(self, error: BaseException) -> None:
        """Tell every follower that there will be no more events, and forget them all."""
        feeds, self._feeds, self._odd = self._feeds, [], []
        self._routes.clear()
        for feed in feeds:
            feed.failed(error)

    def _followers(self, key: str) -> list[Feed]:
        directory = key[: key.rfind("/") + 1]
        route = self._routes.get(directory)
        if route is None:
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            route = [feed for feed in self._feeds if feed.directory and directory.startswith(feed.start)]
            self._routes[directory] = route
        if not self._odd:
            return route
        return route + [feed for feed in self._odd if feed.start <= key < feed.end]
