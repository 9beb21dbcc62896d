"""Lists: which revision to show, and the page of it; next: `cacher.py`, whose `list` this is.

Upstream: the delegator (which lists the cache may answer), cacher.go's GetList, etcd3/store.go's paging. A
page of the past is the present with the history undone; what is older than the history comes from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kubern.storage.as_of import count_as_of, values_as_of
from kubern.storage.cacher.continue_token import decode_continue, encode_continue
from kubern.storage.cacher.entry import Entry
from kubern.storage.cacher.predicate import Selection
from kubern.storage.cacher.revisions import parse_resource_version
from kubern.storage.errors import Compacted, ExpiredContinue, FutureRevision, TooLargeResourceVersion
from kubern.storage.keys import key_after

if TYPE_CHECKING:
    from kubern.storage.cacher.cacher import Cacher


class ListResult(NamedTuple):
    """A page. `remaining` counts what follows it; None when selectors make that unknown or nothing follows."""

    entries: list[Entry]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


class _Source(NamedTuple):
    """Entries in key order at one revision, and how many there are in all."""

    entries: Iterator[Entry]
    total: int
    revision: int


class ListRequest(NamedTuple):
    """The paging and versioning part of a list's options, already validated against each other."""

    resource_version: str = ""
    match: str = ""
    """resourceVersionMatch: "", Exact or NotOlderThan."""
    limit: int = 0
    continue_token: str = ""


async def list_entries(cacher: Cacher, selection: Selection, request: ListRequest) -> ListResult:
    """A page of the selected entries.

    Raises TooLargeResourceVersion, InvalidResourceVersion, InvalidContinue, ExpiredContinue, and Compacted when
    an exact revision is no longer kept.
    """
    codec = cacher.codec
    base = f"{codec.prefix}{selection.namespace}" if selection.namespace else codec.prefix[:-1]
    start, end = base + "/", base + "0"
    limit = max(request.limit, 0)
    if request.continue_token:
        start, rev = decode_continue(request.continue_token, base)
        try:
            source = await _at(cacher, start, end, rev, limit, selection)
        except Compacted:
            raise ExpiredContinue(encode_continue(start, base, -1)) from None
        return _page(source, selection, limit, base)
    if selection.name and (selection.namespace or not codec.namespaced):
        start = codec.key(selection.namespace, selection.name)
        end = key_after(start)
    version = request.resource_version
    if version == "":
        source = await _at(cacher, start, end, -1, limit, selection)
    elif version == "0":
        await cacher.ready()
        limit = 0  # as upstream: any version of everything is cheaper than a page
        source = _cached(cacher, start, end, cacher.revision)
    else:
        rev = parse_resource_version(version)
        if request.match == "Exact" or (limit and not request.match):
            source = await _at(cacher, start, end, rev, limit, selection)
        else:
            await cacher.wait_for(rev)
            source = _cached(cacher, start, end, cacher.revision)
    return _page(source, selection, limit, base)


async def _at(cacher: Cacher, start: str, end: str, rev: int, limit: int, selection: Selection) -> _Source:
    """The range at exactly `rev`; a negative `rev` is the newest. Raises Compacted, TooLargeResourceVersion."""
    if rev < 0:
        if await cacher.catch_up():
            return _cached(cacher, start, end, cacher.revision)
        return await _from_store(cacher, start, end, 0, limit, selection)
    await cacher.ready()
    if rev > cacher.revision:
        await cacher.catch_up()
    if cacher.history.floor <= rev <= cacher.revision:
        return _cached(cacher, start, end, rev)
    try:
        return await _from_store(cacher, start, end, rev, limit, selection)
    except FutureRevision as error:
        raise TooLargeResourceVersion(rev, error.current) from None


def _cached(cacher: Cacher, start: str, end: str, rev: int) -> _Source:
    index, past = cacher.index, cacher.history.before(rev, start, end)
    total = count_as_of(index.keys, index.entries, past, start, end)
    return _Source(values_as_of(index.keys, index.entries, past, start, end), total, rev)


async def _from_store(cacher: Cacher, start: str, end: str, rev: int, limit: int, selection: Selection) -> _Source:
    """Straight from the store; selectors are applied here, so with them everything has to be fetched."""
    page = await cacher.store.range(start, end, rev=rev, limit=limit if selection.everything else 0)
    return _Source(map(cacher.entry_of, page.kvs), page.total, rev or page.rev)


def _first_matches(entries: Iterable[Entry], selection: Selection, limit: int) -> tuple[list[Entry], int]:
    """The first `limit` selected entries, and how many were looked at to find them."""
    page, seen = [], 0
    for entry in entries:
        seen += 1
        if selection.matches(entry):
            page.append(entry)
            if len(page) == limit:
                break
    return page, seen


def _page(source: _Source, selection: Selection, limit: int, base: str) -> ListResult:
    """The first `limit` selected entries, and where to go on; `limit` 0 is everything."""
    entries, total, revision = source
    if not limit:
        if selection.everything:
            return ListResult(list(entries), revision)
        matches = selection.matches
        return ListResult([entry for entry in entries if matches(entry)], revision)
    if selection.everything:
        page = list(islice(entries, limit))
        seen = len(page)
    else:
        page, seen = _first_matches(entries, selection, limit)
    if seen >= total or len(page) < limit:
        return ListResult(page, revision)
    token = encode_continue(key_after(page[-1].key), base, revision)
    return ListResult(page, revision, token, total - limit if selection.everything else None)
