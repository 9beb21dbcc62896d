"""What a service-account token says, and who that is (upstream: pkg/serviceaccount/claims.go and util.go)."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from kubern.authentication.usernames import service_account_groups, service_account_username
from kubern.request import User

Object = dict[str, Any]
POD_NAME = "authentication.kubernetes.io/pod-name"
POD_UID = "authentication.kubernetes.io/pod-uid"
NODE_UID = "authentication.kubernetes.io/node-uid"
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"


@dataclasses.dataclass(frozen=True, slots=True)
class Bound:
    """The objects that a token is bound to, as they are stored; a pod may come with its node."""

    pod: Object | None = None
    secret: Object | None = None
    node: Object | None = None


def make_claims(
    account: Object, bound: Bound, issuer: str, audiences: Sequence[str], seconds: int, warn_after: int = 0
) -> Object:
    """The claims of a new token that lives for `seconds`; warned about after `warn_after` of them (0: never)."""
    now = int(time.time())
    meta = account["metadata"]
    about: Object = {"namespace": meta["namespace"]}
    for name in ("pod", "secret", "node"):
        obj = getattr(bound, name)
        if obj is not None:
            about[name] = _reference(obj)
    about["serviceaccount"] = _reference(account)
    if warn_after:
        about["warnafter"] = now + warn_after
    return {
        "aud": list(audiences),
        "exp": now + seconds,
        "iat": now,
        "iss": issuer,
        "jti": str(uuid.uuid4()),
        "kubernetes.io": about,
        "nbf": now,
        "sub": service_account_username(meta["namespace"], meta["name"]),
    }


def _reference(obj: Object) -> Object:
    meta = obj["metadata"]
    return {"name": meta["name"], "uid": meta["uid"]} if meta.get("uid") else {"name": meta["name"]}


def user(namespace: str, name: str, uid: str, extra: Mapping[str, str] | None = None) -> User:
    """The identity of a service account; empty values of `extra` are left out."""
    kept = {key: (value,) for key, value in (extra or {}).items() if value}
    return User(service_account_username(namespace, name), uid, service_account_groups(namespace), kept)


def credential_id(jti: str) -> str:
    """How a token is named in audit events and in the user's extra."""
    return f"JTI={jti}" if jti else ""
