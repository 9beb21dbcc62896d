"""An extension API server: the group notes.example.com, served by kubern-core alone in a process of its own.

It believes what the aggregator says in headers (core's --requestheader-* flags), asks the main server about bearer
tokens (TokenReview) and about who may do what (SubjectAccessReview), and keeps its notes in its own storage.
Next: `README.md` for how to start and register it.
"""

from __future__ import annotations

import dataclasses
import functools
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    APIGroupInfo,
    Column,
    ResourceDefinition,
    VersionDefinition,
)
from kubern.apimachinery.schema.files import meta_definitions
from kubern.apimachinery.schema.model import Schema
from kubern.authentication.interface import AuthenticationResponse
from kubern.authorization.interface import Attributes, AuthorizationError, Decision
from kubern.contributions import AuthenticatorSpec, AuthorizerSpec, FlagSection, PreShutdownHook, ServerSpec
from kubern.hookspecs import hookimpl
from kubern.registry.strategy import Strategy
from kubern.remote.http import MalformedResponse, Pool
from kubern.request import User
from kubern.server import GenericAPIServer

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

GROUP = "notes.example.com"
KEEP_SECONDS = 10.0
"""How long an answer of the main server is believed."""


@dataclasses.dataclass
class DelegationOptions:
    """The main server, which knows users and their rights."""

    delegation_url: str = ""
    """URL of the main server."""

    delegation_ca_file: str = ""
    """File with the CA of its certificate."""

    delegation_token_file: str = ""
    """File with the bearer token to ask it with; the user must be allowed to create reviews."""


_META = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_SPEC = {
    "type": "object",
    "description": "What the note says.",
    "properties": {
        "text": {"type": "string", "description": "The note itself."},
        "priority": {"type": "integer", "format": "int32", "description": "How much it matters."},
        "tags": {
            "type": "array",
            "description": "Words to find it by.",
            "items": {"type": "string"},
            "x-kubernetes-list-type": "set",
        },
    },
    "required": ["text"],
}
_NOTE = {
    "type": "object",
    "description": "Something not to be forgotten.",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": _META},
        "spec": _SPEC,
    },
}


@functools.cache
def note_schema() -> Schema:
    """The kind's OpenAPI schema: what bodies are checked by, fields are owned by and kubectl explain tells."""
    return Schema(_NOTE, meta_definitions().get)


def set_default(note: dict[str, Any]) -> None:
    """Notes matter little unless they say otherwise."""
    note.setdefault("spec", {}).setdefault("priority", 0)


def show(note: dict[str, Any]) -> list[Any]:
    """The cells of a note's row in a table."""
    spec = note.get("spec", {})
    return [note["metadata"]["name"], spec.get("text", ""), spec.get("priority", 0), age(note)]


NOTES = ResourceDefinition(
    group=GROUP,
    resource="notes",
    kind="Note",
    versions=(
        VersionDefinition(
            "v1",
            schema=note_schema,
            default=set_default,
            columns=(NAME_COLUMN, Column("Text"), Column("Priority", "integer"), AGE_COLUMN),
            cells=show,
        ),
    ),
    strategy=Strategy(),
    short_names=("nt",),
)


class MainServer:
    """Asks the main server for reviews, and remembers the answers for a while."""

    def __init__(self, options: DelegationOptions) -> None:
        self._url = urlsplit(options.delegation_url)
        self._context = ssl.create_default_context(cafile=options.delegation_ca_file)
        self._token = Path(options.delegation_token_file).read_text().strip()
        self._pool = Pool()
        self._known: dict[bytes, tuple[float, dict[str, Any]]] = {}

    async def review(self, group: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        """The status of a review. Raises OSError, EOFError, MalformedResponse, ValueError."""
        document = {"apiVersion": f"{group}/v1", "kind": kind, "spec": spec}
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        until, status = self._known.get(body, (0.0, {}))
        now = time.monotonic()
        if until < now:
            status = await self._post(f"/apis/{group}/v1/{kind.lower()}s", body)
            self._known = {key: value for key, value in self._known.items() if value[0] > now}
            self._known[body] = (now + KEEP_SECONDS, status)
        return status

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    async def _post(self, path: str, body: bytes) -> dict[str, Any]:
        host, port = self._url.hostname or "", self._url.port or 443
        connection, _ = await self._pool.connect(host, port, self._context, host)
        try:
            headers = [
                (b"Host", self._url.netloc.encode()),
                (b"Authorization", f"Bearer {self._token}".encode()),
                (b"Content-Type", b"application/json"),
                (b"Content-Length", str(len(body)).encode()),
            ]
            connection.send_head("POST", path, headers)
            connection.writer.write(body)
            status = await connection.read_head()
            answer = b"".join([data async for data in connection.read_body()])
        except BaseException:
            connection.close()
            raise
        self._pool.release(connection, host, port, self._context, host)
        if status != 201:
            raise ValueError(f"the main server answered {status}")
        return orjson.loads(answer)["status"]  # type: ignore[no-any-return]


class DelegatedTokens:
    """Bearer tokens that the main server knows."""

    live = True

    def __init__(self, main: MainServer) -> None:
        self._main = main

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        status = await self._main.review("authentication.k8s.io", "TokenReview", {"token": token})
        if not status.get("authenticated"):
            return None
        user = status["user"]
        extra = {key: tuple(values) for key, values in user.get("extra", {}).items()}
        return AuthenticationResponse(User(user["username"], user.get("uid", ""), tuple(user.get("groups", ())), extra))


class DelegatedAuthorizer:
    """Rights as the main server decides them."""

    def __init__(self, main: MainServer) -> None:
        self._main = main

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        user = attributes.user
        extra = {key: list(values) for key, values in user.extra.items()}
        spec: dict[str, Any] = {"user": user.name, "uid": user.uid, "groups": list(user.groups), "extra": extra}
        if attributes.resource_request:
            spec["resourceAttributes"] = {
                "verb": attributes.verb,
                "group": attributes.api_group,
                "version": attributes.api_version,
                "resource": attributes.resource,
                "subresource": attributes.subresource,
                "namespace": attributes.namespace,
                "name": attributes.name,
            }
        else:
            spec["nonResourceAttributes"] = {"verb": attributes.verb, "path": attributes.path}
        try:
            status = await self._main.review("authorization.k8s.io", "SubjectAccessReview", spec)
        except (OSError, EOFError, MalformedResponse, ValueError) as error:
            raise AuthorizationError(str(error)) from error
        if status.get("allowed"):
            return Decision.ALLOW, status.get("reason", "")
        return (Decision.DENY if status.get("denied") else Decision.NO_OPINION), status.get("reason", "")


def main_server(config: CompletedConfig) -> MainServer:
    """The one main server that all parts ask."""
    found = config.shared.get("main server")
    if found is None:
        found = config.shared["main server"] = MainServer(config.options.section(DelegationOptions))
    return found


def new_server(config: Any, delegate: GenericAPIServer | None) -> GenericAPIServer:
    server = GenericAPIServer("notes", config, delegate)
    server.install_api_group(APIGroupInfo(GROUP, ("v1",), (NOTES,)))

    async def hang_up(outermost: GenericAPIServer) -> None:
        main_server(config).close()

    server.add_pre_shutdown_hook(PreShutdownHook("close-connections", hang_up))
    return server


@hookimpl
def kubern_register_flag_sections() -> list[FlagSection]:
    return [FlagSection("delegation", 5000, DelegationOptions)]


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("notes", 200, lambda config: config, new_server)]


@hookimpl
def kubern_register_authenticators() -> list[AuthenticatorSpec]:
    return [AuthenticatorSpec("delegated", 450, lambda config: DelegatedTokens(main_server(config)))]


@hookimpl
def kubern_register_authorizers() -> list[AuthorizerSpec]:
    return [AuthorizerSpec("Delegated", lambda config: DelegatedAuthorizer(main_server(config)))]
