"""Who may change which part of a claim's status (upstream: pkg/registry/resource/authorization.go).

Beside the right to update the status, allocation and consumers take the right to bind claims, and the status of
devices that to speak for their drivers: the subresources `binding` and `driver`, which exist for authorizers only.
Next: `admin_access.py`, whose store asks.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.authorization.interface import AuthorizationError, Decision
from kubern.authorization.request_attributes import authorization_attributes, forbidden_error
from kubern_kubeapi.groups.resource.claim_status import device_id, drop_deallocated_devices

if TYPE_CHECKING:
    from kubern.authorization.interface import Attributes, Authorizer
    from kubern.request import RequestContext, User

Object = dict[str, Any]

_STATUS: Final = Path("status")
_NODE_NAME_KEY: Final = "authentication.kubernetes.io/node-name"
_SERVICE_ACCOUNT: Final = "system:serviceaccount:"


async def status_problems(authorizer: Authorizer, ctx: RequestContext, new: Object, old: Object) -> ErrorList:
    """What of the change of a claim's status the user may not do."""
    status, stored = dict(new.get("status") or {}), old.get("status") or {}
    # The strategy, which comes later, drops devices with their allocation.
    drop_deallocated_devices({"status": status}, old)
    base = authorization_attributes(ctx)
    errors = await _binding_problems(authorizer, base, status, stored)
    drivers = _changed_drivers(status, stored)
    if not drivers:
        return errors
    verbs = [f"arbitrary-node:{base.verb}"]
    if _runs_on(base.user, _allocated_node(status.get("allocation"))):
        verbs.insert(0, f"associated-node:{base.verb}")
    for driver in sorted(drivers):
        problem = await _driver_problem(authorizer, base, verbs, driver)
        if problem:
            shown = f"[{' '.join(verbs)}]"
            detail = f'changing status.devices requires resource="resourceclaims/driver", verb="{shown}" permission: '
            errors.append(field.forbidden(_STATUS.child("devices"), detail + problem))
    return errors


async def _binding_problems(authorizer: Authorizer, base: Attributes, status: Object, stored: Object) -> ErrorList:
    if all(semantic_equal(status.get(name), stored.get(name)) for name in ("allocation", "reservedFor")):
        return []
    problem = await _refusal(authorizer, dataclasses.replace(base, subresource="binding", namespace="", name=""))
    if not problem:
        return []
    detail = (
        'changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", '
        f'verb="{base.verb}" permission: {problem}'
    )
    return [field.forbidden(_STATUS, detail)]


async def _driver_problem(authorizer: Authorizer, base: Attributes, verbs: list[str], driver: str) -> str:
    """Why none of the verbs is allowed, in the words about the first; "" when one is."""
    first = ""
    for verb in verbs:
        question = dataclasses.replace(base, verb=verb, subresource="driver", name=driver)
        problem = await _refusal(authorizer, question)
        if not problem:
            return ""
        first = first or problem
    return first


async def _refusal(authorizer: Authorizer, question: Attributes) -> str:
    try:
        decision, reason = await authorizer.authorize(question)
    except AuthorizationError as error:
        decision, reason = Decision.NO_OPINION, str(error)
    return "" if decision is Decision.ALLOW else forbidden_error(question, reason).message


def _changed_drivers(status: Object, stored: Object) -> set[str]:
    """The drivers of the devices whose status came, went or changed."""
    before = {device_id(device): device for device in stored.get("devices") or ()}
    changed: set[str] = set()
    for device in status.get("devices") or ():
        was = before.pop(device_id(device), None)
        if was is None or not semantic_equal(was, device):
            changed.add(device.get("driver", ""))
    return changed | {device.get("driver", "") for device in before.values()}


def _allocated_node(allocation: Object | None) -> str:
    """The node that an allocation is for, "" when it is not for one alone."""
    terms = ((allocation or {}).get("nodeSelector") or {}).get("nodeSelectorTerms") or []
    if len(terms) != 1:
        return ""
    matches = terms[0].get("matchFields") or []
    if terms[0].get("matchExpressions") or len(matches) != 1:
        return ""
    values = matches[0].get("values") or []
    by_name = (matches[0].get("key"), matches[0].get("operator")) == ("metadata.name", "In")
    return str(values[0]) if by_name and len(values) == 1 else ""


def _runs_on(user: User, node: str) -> bool:
    """Whether a service account's token is bound to a pod of the node."""
    if not node or not user.name.startswith(_SERVICE_ACCOUNT):
        return False
    bound = tuple(user.extra.get(_NODE_NAME_KEY) or ())
    return bound == (node,) and not names.is_dns1123_subdomain(node)
