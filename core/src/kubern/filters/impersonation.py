"""Acting as somebody else: Impersonate- headers, for those who may (upstream: WithConstrainedImpersonation).

Next: `impersonation_modes.py`, which says who may.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.authentication.header_text import extra_key, header_text
from kubern.authorization.request_attributes import authorization_attributes
from kubern.filters.impersonation_modes import Impersonated, all_modes
from kubern.filters.request_info import CONTEXT_KEY
from kubern.request import User
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.authorization.interface import Attributes, Authorizer
    from kubern.endpoints.asgi import ASGIApp, Headers, Receive, Scope, Send

_PREFIX = b"impersonate-"
_USER, _UID, _GROUP, _EXTRA = b"impersonate-user", b"impersonate-uid", b"impersonate-group", b"impersonate-extra-"
_MAX_REMEMBERED = 10_000


class ImpersonationFilter:
    """Sets `ctx.impersonated` when the headers ask for it and the user may; the headers go no further."""

    def __init__(self, app: ASGIApp, authorizer: Authorizer) -> None:
        self.app = app
        self._modes = all_modes(authorizer)
        self._last_mode: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and any(name.startswith(_PREFIX) for name, _ in scope["headers"]):
            wanted = wanted_user(scope["headers"])
            if wanted is not None:
                ctx = scope[CONTEXT_KEY]
                found = await self._impersonate(wanted, authorization_attributes(ctx))
                ctx.impersonated = found.user
                ctx.impersonation_constraint = found.constraint
                _clear(scope, ctx.headers)
        await self.app(scope, receive, send)

    async def _impersonate(self, wanted: User, attributes: Attributes) -> Impersonated:
        """The first mode that allows it decides, beginning with the one that last did for this user.

        Raises the StatusError of the first mode that refused.
        """
        # Differs from kube-apiserver: what was allowed is asked again every time, so that a right that is taken away
        # ends at once; the authorizer keeps its own answers.
        requestor = attributes.user.name
        last = self._last_mode.get(requestor)
        order = list(range(len(self._modes)))
        if last is not None:
            order.remove(last)
            order.insert(0, last)
        refusal: StatusError | None = None
        for index in order:
            try:
                found = await self._modes[index].check(wanted, attributes)
            except StatusError as error:
                refusal = refusal or error
                continue
            if found is not None:
                self._remember(requestor, index)
                return found
        assert refusal is not None, "one mode applies to everybody"
        raise refusal

    def _remember(self, requestor: str, index: int) -> None:
        self._last_mode[requestor] = index
        self._last_mode.move_to_end(requestor)
        if len(self._last_mode) > _MAX_REMEMBERED:
            self._last_mode.popitem(last=False)


def wanted_user(headers: Headers) -> User | None:
    """Whom the headers ask to act as, None when they do not. Raises StatusError 400."""
    groups: list[str] = []
    extra: dict[str, list[str]] = {}
    for key, value in headers:
        if key == _GROUP:
            groups.append(header_text(value))
        elif key.startswith(_EXTRA):
            extra.setdefault(extra_key(key[len(_EXTRA) :]), []).append(header_text(value))
    name, uid = _first(headers, _USER), _first(headers, _UID)
    if name:
        return User(name, uid, tuple(groups), {key: tuple(values) for key, values in extra.items()})
    if uid or groups or extra:
        raise bad_request(f"requested {_go_user(uid, groups, extra)} without impersonating a user name")
    return None


def _first(headers: Headers, wanted: bytes) -> str:
    return next((header_text(value) for key, value in headers if key == wanted), "")


def _go_user(uid: str, groups: Sequence[str], extra: dict[str, list[str]]) -> str:
    """A user without a name as Go prints the struct."""
    pairs = ", ".join(f"{go_quote(key)}:{_go_list(values)}" for key, values in sorted(extra.items()))
    return (
        f'&user.DefaultInfo{{Name:"", UID:{go_quote(uid)}, Groups:{_go_list(groups)}, '
        f"Extra:map[string][]string{f'{{{pairs}}}' if extra else '(nil)'}}}"
    )


def _go_list(values: Sequence[str]) -> str:
    return "[]string{" + ", ".join(map(go_quote, values)) + "}" if values else "[]string(nil)"


def _clear(scope: Scope, headers: dict[str, str]) -> None:
    """Nobody behind this may act differently because of the headers."""
    ours = (_USER, _UID, _GROUP)
    scope["headers"][:] = [h for h in scope["headers"] if h[0] not in ours and not h[0].startswith(_EXTRA)]
    for key in [key for key in headers if key.encode() in ours or key.encode().startswith(_EXTRA)]:
        del headers[key]
