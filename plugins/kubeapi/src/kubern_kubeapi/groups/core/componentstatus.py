"""The ComponentStatus kind (core), cluster-scoped: who of the control plane answers, asked when it is read.

Upstream: pkg/registry/core/componentstatus. Next: `group.py`.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import orjson

from kubern.apimachinery.errors import GroupResource, not_found
from kubern.apimachinery.resource import NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.registry.selection import selection
from kubern.registry.strategy import Strategy
from kubern.storage.cacher import ListResult
from kubern.storage.errors import StorageError
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.registry.rest import ListOptions
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]

_HOST = "127.0.0.1"
_PORTS = {"scheduler": 10259, "controller-manager": 10257}
_ETCD = "etcd-0"
_TIMEOUT_SECONDS = 20
_MAX_ANSWER = 10 * 1024


async def probe(host: str, port: int) -> tuple[bool, str]:
    """Whether https://HOST:PORT/healthz is well, and what it says."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = f"GET /healthz HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
    prefix = f'Get "https://{host}:{port}/healthz": '
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
            try:
                writer.write(request)
                answer = await reader.read(_MAX_ANSWER)
            finally:
                writer.close()
    except ConnectionRefusedError:
        return False, f"{prefix}dial tcp {host}:{port}: connect: connection refused"
    except TimeoutError:
        return False, f"{prefix}context deadline exceeded"
    except OSError as error:
        return False, f"{prefix}{error}"
    head, _, body = answer.partition(b"\r\n\r\n")
    code = head.split(b" ", 2)[1:2]
    if not code or not code[0].isdigit():
        return False, f"{prefix}EOF"
    if not 200 <= int(code[0]) < 400:
        return False, f"HTTP probe failed with statuscode: {int(code[0])}"
    return True, body.decode(errors="replace")


class _Item:
    """An item of a list that is stored nowhere."""

    def __init__(self, obj: Object) -> None:
        self._obj = obj

    @property
    def labels(self) -> Mapping[str, str]:
        return {}

    def field_set(self) -> Mapping[str, str]:
        return {"metadata.name": self._obj["metadata"]["name"]}

    def item(self) -> tuple[bytes, bytes]:
        return b"", orjson.dumps({k: v for k, v in self._obj.items() if k not in ("kind", "apiVersion")})

    def decode(self) -> Object:
        return self._obj


class ComponentStatuses:
    """The storage: the scheduler and the controller manager of this machine, and the server's own storage."""

    namespaced = False

    def __init__(self, server: GenericAPIServer) -> None:
        self.definition = RESOURCE
        self._storage = server.config.storage_factory

    async def get(self, ctx: RequestContext, name: str, resource_version: str = "") -> Object:
        """One component. Raises StatusError 404."""
        if name != _ETCD and name not in _PORTS:
            # As upstream names the resource here.
            raise not_found(GroupResource("", "componentstatus"), name)
        return await self._status(name)

    async def list(self, ctx: RequestContext, options: ListOptions) -> ListResult:
        """The components that the selectors choose. Raises StatusError 400."""
        chosen = selection(self.definition, options, "")
        found = await asyncio.gather(*(self._status(name) for name in (*_PORTS, _ETCD)))
        items: list[Any] = [_Item(obj) for obj in found]
        return ListResult([item for item in items if chosen.matches(item)], 0)

    async def _status(self, name: str) -> Object:
        well, message = await (self._etcd() if name == _ETCD else probe(_HOST, _PORTS[name]))
        condition = {"type": "Healthy", "status": "True" if well else "False", "message": message}
        return {"kind": "ComponentStatus", "apiVersion": "v1", "metadata": {"name": name}, "conditions": [condition]}

    async def _etcd(self) -> tuple[bool, str]:
        try:
            await self._storage.store.healthy()
        except (StorageError, OSError) as error:
            return False, str(error)
        return True, "ok"


def _cells(obj: Object) -> list[Any]:
    """A component without a Healthy condition is shown as unknown."""
    status, message, error = "Unknown", "", ""
    for condition in obj.get("conditions") or ():
        if condition.get("type") == "Healthy":
            status = "Healthy" if condition.get("status") == "True" else "Unhealthy"
            message, error = condition.get("message", ""), condition.get("error", "")
            break
    return [obj["metadata"]["name"], status, message, error]


_COLUMNS = (
    NAME_COLUMN,
    Column("Status", description="Status of the component conditions"),
    Column("Message", description="Message of the component conditions"),
    Column("Error", description="Error of the component conditions"),
)

RESOURCE = ResourceDefinition(
    group="",
    resource="componentstatuses",
    kind="ComponentStatus",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "ComponentStatus"),
            columns=_COLUMNS,
            cells=_cells,
            deprecation_warning="v1 ComponentStatus is deprecated in v1.19+",
        ),
    ),
    strategy=Strategy(),
    namespaced=False,
    singular="componentstatus",
    short_names=("cs",),
    verbs=("get", "list"),
    factory=ComponentStatuses,
)
