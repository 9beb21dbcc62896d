"""The watch cache: one per resource, between its registry store and the storage backend; the read path.

- `cacher.py` the cache itself: get, list, watch, writes; start reading here
- `codec.py`, `entry.py` stored values as cached objects, and the bytes served from them
- `index.py`, `history.py` the current objects and their recent changes
- `listing.py`, `continue_token.py`, `revisions.py`, `predicate.py` lists and what selects
- `changes.py`, `watcher.py`, `fanout.py` watches
- `follow.py`, `remote.py` how the cache is kept up to date

Runs on the event loop only. Used by the registry; knows no HTTP and no kinds.
"""

from kubern.storage.cacher.cacher import Cacher as Cacher
from kubern.storage.cacher.changes import Change as Change
from kubern.storage.cacher.changes import WatchEvent as WatchEvent
from kubern.storage.cacher.codec import ValueCodec as ValueCodec
from kubern.storage.cacher.entry import Entry as Entry
from kubern.storage.cacher.listing import ListRequest as ListRequest
from kubern.storage.cacher.listing import ListResult as ListResult
from kubern.storage.cacher.predicate import EVERYTHING as EVERYTHING
from kubern.storage.cacher.predicate import Selection as Selection
from kubern.storage.cacher.watcher import CacheWatcher as CacheWatcher
