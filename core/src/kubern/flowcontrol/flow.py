"""What a request is classified as: its schema, its level and the queues it may wait in; next: `queue_set.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.flowcontrol.configuration import FlowSchema
    from kubern.flowcontrol.counts import Counts
    from kubern.flowcontrol.priority_level import PriorityLevelState


class Flow:
    """All requests that are alike to flow control, all watches or none; `headers` tell clients by uid what they match."""

    __slots__ = ("counts", "distinguisher", "hand", "headers", "level", "schema", "watches")

    def __init__(
        self,
        schema: FlowSchema,
        level: PriorityLevelState,
        distinguisher: str,
        hand: tuple[int, ...],
        counts: Counts,
        watches: bool = False,
    ) -> None:
        self.schema = schema
        self.level = level
        self.distinguisher = distinguisher
        self.hand = hand
        self.counts = counts
        self.watches = watches
        self.headers = [
            (b"x-kubernetes-pf-flowschema-uid", schema.uid.encode()),
            (b"x-kubernetes-pf-prioritylevel-uid", level.configuration.uid.encode()),
        ]
