"""Definitions read from a package's data file, each one parsed when it is first asked for.

The files are written by `scripts/build_schema_data.py`. Next: `model.py`, whose nodes are made from them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import orjson

from kubern.apimachinery.schema.model import Definitions, RawSchema

FILE_NAME = "definitions.tsv.gz"


class DefinitionFile(Mapping[str, RawSchema]):
    """The raw definitions of `<package>/<folder>/definitions.tsv.gz`, by name. Nothing is read before first use.

    `base` answers for names that the file does not hold.
    """

    def __init__(self, package: str, folder: str, base: Mapping[str, RawSchema] | None = None) -> None:
        self._package = package
        self._folder = folder
        self._base: Mapping[str, RawSchema] = base if base is not None else {}
        self._text: bytes | None = None
        self._index: dict[str, tuple[int, int]] = {}
        self._parsed: dict[str, RawSchema] = {}

    def _load(self) -> bytes:
        """Unpack the file once and note where each definition's JSON lies."""
        if self._text is None:
            import importlib.resources
            import zlib

            data = importlib.resources.files(self._package).joinpath(self._folder, FILE_NAME).read_bytes()
            text = zlib.decompress(data, wbits=31)
            start = 0
            while start < len(text):
                tab = text.index(b"\t", start)
                end = text.index(b"\n", tab)
                self._index[text[start:tab].decode()] = (tab + 1, end)
                start = end + 1
            self._text = text
        return self._text

    def __getitem__(self, name: str) -> RawSchema:
        raw = self._parsed.get(name)
        if raw is None:
            text = self._load()
            span = self._index.get(name)
            if span is None:
                return self._base[name]
            raw = self._parsed[name] = orjson.loads(text[span[0] : span[1]])
        return raw

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._index or name in self._base

    def __iter__(self) -> Iterator[str]:
        self._load()
        yield from self._index
        yield from (name for name in self._base if name not in self._index)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@functools.cache
def meta_file() -> DefinitionFile:
    """The raw definitions that every server has: apimachinery's, Namespace and Scale."""
    return DefinitionFile("kubern.apimachinery.schema", "data")


@functools.cache
def meta_definitions() -> Definitions:
    """The nodes of `meta_file`."""
    return Definitions(meta_file())
