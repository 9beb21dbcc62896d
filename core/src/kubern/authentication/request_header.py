"""Front proxies say in headers who a request is from (upstream: request/headerrequest).

Their client certificate is checked first: signed by --requestheader-client-ca-file, with an allowed common name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from kubern.authentication.client_certificate import check_dates, client_chain, parse_certificate
from kubern.authentication.header_text import extra_key, header_text
from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.authentication.trust import TrustAnchors
from kubern.authentication.x509 import describe
from kubern.request import RequestContext, User


def _lower(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in names)


@dataclasses.dataclass(frozen=True, slots=True)
class HeaderNames:
    """Which headers hold what; names and prefixes in lower case."""

    username: tuple[str, ...]
    uid: tuple[str, ...]
    groups: tuple[str, ...]
    extra_prefixes: tuple[str, ...]

    @classmethod
    def of(
        cls, username: Iterable[str], uid: Iterable[str], groups: Iterable[str], extra_prefixes: Iterable[str]
    ) -> HeaderNames:
        return cls(_lower(username), _lower(uid), _lower(groups), _lower(extra_prefixes))

    def is_ours(self, name: str) -> bool:
        """Whether a header is one of these."""
        return name in self.username or name in self.uid or name in self.groups or name.startswith(self.extra_prefixes)


class RequestHeader:
    """Believes the headers of front proxies."""

    def __init__(self, anchors: TrustAnchors, allowed_names: Iterable[str], names: HeaderNames) -> None:
        self._anchors = anchors
        self._allowed = frozenset(allowed_names)
        self._names = names

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        chain = client_chain(ctx)
        if not chain:
            return None
        self._check_certificate(chain)
        headers = [(k.decode("latin-1"), header_text(v)) for k, v in ctx.scope["headers"]]
        name = _first(headers, self._names.username)
        if not name:
            return None
        user = User(
            name,
            uid=_first(headers, self._names.uid),
            groups=tuple(value for wanted in self._names.groups for key, value in headers if key == wanted and value),
            extra=self._extra(headers),
        )
        self._clear(ctx)
        return AuthenticationResponse(user)

    def _check_certificate(self, chain: tuple[bytes, ...]) -> None:
        self._anchors.refresh()
        certificate = parse_certificate(chain[0])
        if not self._anchors.trusts(chain):
            raise AuthenticationError(f"{describe(certificate)}: x509: certificate signed by unknown authority")
        check_dates(chain)
        if not certificate.for_clients:
            raise AuthenticationError(f"{describe(certificate)}: x509: certificate specifies an incompatible key usage")
        if self._allowed and certificate.common_name not in self._allowed:
            raise AuthenticationError(f"x509: subject with cn={certificate.common_name} is not in the allowed list")

    def _extra(self, headers: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
        extra: dict[str, tuple[str, ...]] = {}
        for prefix in self._names.extra_prefixes:
            for key, value in headers:
                if key.startswith(prefix):
                    name = extra_key(key[len(prefix) :].encode("latin-1"))
                    extra[name] = (*extra.get(name, ()), value)
        return extra

    def _clear(self, ctx: RequestContext) -> None:
        """Take the headers out of the request: nobody behind this may mistake them for the user's own."""
        ctx.scope["headers"][:] = [h for h in ctx.scope["headers"] if not self._names.is_ours(h[0].decode("latin-1"))]
        for key in [key for key in ctx.headers if self._names.is_ours(key)]:
            del ctx.headers[key]


def _first(headers: list[tuple[str, str]], names: Iterable[str]) -> str:
    """The first value of the first of `names` that has one."""
    for name in names:
        value = next((value for key, value in headers if key == name), "")
        if value:
            return value
    return ""
