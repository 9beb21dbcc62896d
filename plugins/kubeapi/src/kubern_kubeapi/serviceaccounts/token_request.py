"""serviceaccounts/token: issues tokens (upstream: pkg/registry/core/serviceaccount/storage/token.go).

Next: `claims.py` for what the token says, `jwt_tokens.py` for its form.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import errors, field
from kubern.apimachinery.errors import GroupKind, GroupResource, StatusError
from kubern.registry.before import now_text
from kubern.util.goquote import go_quote
from kubern.util.json_copy import json_copy
from kubern_kubeapi.serviceaccounts.build import signing_key
from kubern_kubeapi.serviceaccounts.claims import Bound, credential_id, make_claims
from kubern_kubeapi.serviceaccounts.jwt_tokens import sign

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.registry.written import Validate
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
MIN_SECONDS = 600
MAX_SECONDS = 1 << 32
WARN_ONLY_SECONDS = 3607
"""A lifetime that only admission asks for, with which pods' tokens are extended."""
EXTENDED_SECONDS = 365 * 24 * 3600
_KIND = GroupKind("authentication.k8s.io", "TokenRequest")
_ISSUED = "authentication.kubernetes.io/issued-credential-id"


class TokenRequests:
    """The storage of serviceaccounts/token."""

    def __init__(self, accounts: ResourceStore, server: GenericAPIServer) -> None:
        from kubern.options.authentication import AuthenticationOptions

        section = server.config.options.section(AuthenticationOptions)
        self.namespaced = True
        self._accounts = accounts
        self._server = server
        self._audiences = section.api_audiences
        self._issuer = section.service_account_issuer[0] if section.service_account_issuer else ""
        self._longest = int(section.service_account_max_token_expiration)
        self._extends = section.service_account_extend_token_expiration
        self._key = signing_key(server.config)

    async def create(
        self, ctx: RequestContext, name: str, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """The request with its token. Raises StatusError 400, 403, 404, 409, 422."""
        account = await self._check_account(ctx, name, obj)
        spec = obj["spec"]
        if not spec.get("audiences"):
            spec["audiences"] = list(self._audiences)
        _fill_metadata(obj, account)
        obj["status"] = {"token": "", "expirationTimestamp": None}
        _check_lifetime(spec)
        if validate is not None:
            await validate(json_copy(obj), None)
        now = time.time()
        bound = await self._bound_objects(ctx, name, spec.get("boundObjectRef"))
        self._shorten(ctx, spec)
        obj["status"] = {"token": self._issue(ctx, account, bound, spec)}
        obj["status"]["expirationTimestamp"] = now_text(now + spec["expirationSeconds"])
        spec.setdefault("boundObjectRef", None)
        return obj

    async def _check_account(self, ctx: RequestContext, name: str, obj: Object) -> Object:
        meta, namespace = obj["metadata"], ctx.info.namespace
        for key, wanted, called in (("name", name, "name"), ("namespace", namespace, "namespace")):
            if meta.get(key) and meta[key] != wanted:
                text = f"must match the service account {called} if specified"
                raise errors.invalid(_KIND, name, [field.invalid(f"metadata.{key}", meta[key], text)])
        account = await self._accounts.get_object(namespace, name)
        uid = account["metadata"]["uid"]
        if meta.get("uid") and meta["uid"] != uid:
            raise errors.conflict(
                GroupResource(*_KIND),
                name,
                f"the UID in the token request ({meta['uid']}) does not match the UID of the service account ({uid})",
            )
        return account

    async def _bound_objects(self, ctx: RequestContext, account: str, reference: Object | None) -> Bound:
        if reference is None:
            return Bound()
        group, version = _parse_group_version(reference.get("apiVersion", ""))
        kind, name = reference.get("kind", ""), reference.get("name", "")
        if group or kind not in ("Pod", "Node", "Secret"):
            raise errors.bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
        namespace = "" if kind == "Node" else ctx.info.namespace
        obj = await self._get(kind.lower() + "s", namespace, name)
        bound = await self._bound_pod(account, obj) if kind == "Pod" else Bound(**{kind.lower(): obj})
        wanted = reference.get("uid", "")
        if wanted and wanted != obj["metadata"]["uid"]:
            raise errors.conflict(
                GroupResource(group, kind),
                name,
                f"the UID in the bound object reference ({wanted}) does not match the UID in record. The object might "
                "have been deleted and then recreated",
            )
        return bound

    async def _bound_pod(self, account: str, pod: Object) -> Bound:
        spec = pod.get("spec") or {}
        if account != spec.get("serviceAccountName", ""):
            raise errors.bad_request(
                f"cannot bind token for serviceaccount {go_quote(account)} to pod running with different "
                "serviceaccount name."
            )
        node_name = spec.get("nodeName", "")
        if not node_name:
            return Bound(pod=pod)
        try:
            node = await self._get("nodes", "", node_name)
        except StatusError as error:
            if error.code != 404:
                raise
            node = {"metadata": {"name": node_name}}
        return Bound(pod=pod, node=node)

    async def _get(self, resource: str, namespace: str, name: str) -> Object:
        store = self._server.find_store("", resource)
        if store is None:
            raise errors.not_found(GroupResource("", resource), name)
        return await store.get_object(namespace, name)

    def _shorten(self, ctx: RequestContext, spec: Object) -> None:
        seconds = spec["expirationSeconds"]
        if 0 < self._longest < seconds:
            ctx.warnings.append(f"requested expiration of {seconds} seconds shortened to {self._longest} seconds")
            spec["expirationSeconds"] = self._longest

    def _issue(self, ctx: RequestContext, account: Object, bound: Bound, spec: Object) -> str:
        if self._key is None:
            raise errors.internal_error("failed to generate token: the server has no key that signs tokens")
        seconds, warn_after = spec["expirationSeconds"], 0
        ours = set(spec["audiences"]) <= set(self._audiences)
        if self._extends and bound.pod is not None and seconds == WARN_ONLY_SECONDS and ours:
            seconds, warn_after = EXTENDED_SECONDS, seconds
        claims = make_claims(account, bound, self._issuer, spec["audiences"], seconds, warn_after)
        ctx.audit_annotations[_ISSUED] = credential_id(claims["jti"])
        return sign(self._key, claims)


def _parse_group_version(text: str) -> tuple[str, str]:
    """Group and version; what is neither is taken for nothing (upstream: FromAPIVersionAndKind)."""
    group, _, version = text.rpartition("/")
    return ("", "") if "/" in group else (group, version)


def _fill_metadata(obj: Object, account: Object) -> None:
    meta, own = obj["metadata"], account["metadata"]
    meta |= {"name": own["name"], "namespace": own["namespace"], "uid": own["uid"], "creationTimestamp": now_text()}


def _check_lifetime(spec: Object) -> None:
    seconds = spec["expirationSeconds"]
    found = []
    if seconds < MIN_SECONDS:
        found.append("may not specify a duration less than 10 minutes")
    if seconds > MAX_SECONDS:
        found.append("may not specify a duration larger than 2^32 seconds")
    if found:
        raise errors.invalid(_KIND, "", [field.invalid("spec.expirationSeconds", seconds, text) for text in found])
