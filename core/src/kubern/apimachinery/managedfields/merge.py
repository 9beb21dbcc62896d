"""Merging an applied configuration into the live object (upstream: typed/merge.go).

Nothing is removed here; where both sides set a leaf, the configuration wins. Next: `remove.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields.errors import TypedError
from kubern.apimachinery.managedfields.types import LIST, MAP, SCALAR, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import item_elements

_ABSENT = object()


def merge(type_: Type, live: Any, config: Any) -> Any:
    """The merged value; shares what it can with both. Raises TypedError."""
    if live is config:
        return config
    form = type_.form(config)
    if form == SCALAR or type_.form(live) not in (form, MAP):
        return config
    if form == MAP and type_.map is not None:
        return _merge_maps(type_.map, live, config)
    if form == LIST and type_.list is not None:
        return _merge_lists(type_.list, live, config)
    return config


def _merge_maps(type_: MapType, live: Any, config: Any) -> Any:
    if type_.atomic or not live or not isinstance(live, dict):
        return config
    if not config or not isinstance(config, dict):
        return live
    out = live.copy()
    for name, value in config.items():
        was = live.get(name, _ABSENT)
        if was is value:
            continue
        out[name] = value if was is _ABSENT else _merge_member(type_, name, was, value)
    return out


def _merge_member(type_: MapType, name: str, live: Any, config: Any) -> Any:
    try:
        return merge(type_.child(name) or type_.deduced, live, config)
    except TypedError as error:
        raise error.below("." + name) from None


def _merge_lists(type_: ListType, live: Any, config: Any) -> Any:
    if not type_.associative or not live or not isinstance(live, list):
        return config
    if not config or not isinstance(config, list):
        return live
    return _Interleave(type_, live, config).merged()


class _Interleave:
    """Merges two associative lists: shared items in the configuration's order, others near their neighbours."""

    def __init__(self, type_: ListType, live: list[Any], config: list[Any]) -> None:
        self.type = type_
        self.live = live
        self.live_names = item_elements(type_, live)
        self.config_names = item_elements(type_, config)
        self.config_items = dict(zip(self.config_names, config, strict=True))
        self.live_items: dict[str, Any] = {}
        for name, item in zip(self.live_names, live, strict=True):
            # Items that repeat are not merged with, they are replaced.
            self.live_items[name] = None if name in self.live_items else item
        self.shared = [name for name in self.config_names if name in self.live_items]
        self.done: set[str] = set()
        self.out: list[Any] = []

    def merged(self) -> list[Any]:
        i = j = 0
        live, config = self.live_names, self.config_names
        next_shared = 0
        while i < len(live) or j < len(config):
            if i < len(live) and j < len(config):
                name = live[i]
                if name == config[j]:
                    self._take(name)
                    i, j, next_shared = i + 1, j + 1, next_shared + 1
                    continue
                wanted = self.shared[next_shared] if next_shared < len(self.shared) else None
                if name in self.config_items and wanted is not None and wanted != name:
                    i += 1
                    continue
            if i < len(live):
                name = live[i]
                if name not in self.config_items:
                    self.out.append(self.live[i])
                    i += 1
                    continue
                if name in self.done:
                    i += 1
            if j < len(config):
                name = config[j]
                self._take(name)
                j += 1
                if next_shared < len(self.shared) and self.shared[next_shared] == name:
                    next_shared += 1
        return self.out

    def _take(self, name: str) -> None:
        """The configuration's item, merged with the live one if there is one."""
        self.done.add(name)
        item = self.config_items[name]
        live = self.live_items.get(name, _ABSENT)
        self.out.append(item if live is _ABSENT else merge(self.type.element, live, item))
