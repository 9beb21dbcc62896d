"""The authorizer of admission expressions: authorizer.group('').resource('pods').check('list').allowed()
(apiserver's cel/library/authz.go).

An `AuthorizerValue` is bound to a variable together with a callable that answers checks at once. Where answers
take awaiting, `authorizer_answers.py` collects them between attempts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kubern.apimachinery.names import name_is_dns_label, name_is_dns_subdomain
from kubern.cel.cost.estimate import fixed
from kubern.cel.cost.kubernetes_calls import CHECK_COST, selector_cost
from kubern.cel.declarations import CallCost, Function, Implementation, Library, member
from kubern.cel.errors import CelError
from kubern.cel.runtime.values import Value
from kubern.cel.types import BOOL, STRING, StructType

AUTHORIZER = StructType("kubernetes.authorization.Authorizer")
PATH_CHECK = StructType("kubernetes.authorization.PathCheck")
GROUP_CHECK = StructType("kubernetes.authorization.GroupCheck")
RESOURCE_CHECK = StructType("kubernetes.authorization.ResourceCheck")
DECISION = StructType("kubernetes.authorization.Decision")


@dataclass(frozen=True, slots=True)
class CheckAttributes:
    """What is asked: may the user do that to a path, or to a resource (version `*`)?

    Selectors are given as written; whoever answers parses them.
    """

    user: Any
    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""

    @property
    def is_resource_request(self) -> bool:
        """Whether a resource is meant, not a path."""
        return not self.path


@dataclass(frozen=True, slots=True)
class ServiceAccountUser:
    """The user that authorizer.serviceAccount(namespace, name) stands for."""

    namespace: str
    name: str

    @property
    def username(self) -> str:
        """system:serviceaccount:<namespace>:<name>"""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of a service account."""
        return ("system:serviceaccounts", f"system:serviceaccounts:{self.namespace}")

    @property
    def extra(self) -> Mapping[str, list[str]]:
        """Nothing."""
        return {}


class Decision(Value):
    """An answer. `error` is what went wrong while answering, empty when nothing did."""

    __slots__ = ("allowed", "error", "reason")
    cel_type = DECISION

    def __init__(self, allowed: bool, reason: str = "", error: str = "") -> None:
        self.allowed = allowed
        self.reason = reason
        self.error = error


# Answers a check at once.
Check = Callable[[CheckAttributes], Decision]


class AuthorizerValue(Value):
    """The authorizer as one user sees it."""

    __slots__ = ("check", "user")
    cel_type = AUTHORIZER

    def __init__(self, user: Any, check: Check) -> None:
        self.user = user
        self.check = check


class _PendingCheck(Value):
    """A check being put together."""

    __slots__ = ("attributes", "check")

    def __init__(self, check: Check, attributes: CheckAttributes) -> None:
        self.check = check
        self.attributes = attributes


class _PathCheck(_PendingCheck):
    __slots__ = ()
    cel_type = PATH_CHECK


class _GroupCheck(_PendingCheck):
    __slots__ = ()
    cel_type = GROUP_CHECK


class _ResourceCheck(_PendingCheck):
    __slots__ = ()
    cel_type = RESOURCE_CHECK


def resource_check(
    user: Any, check: Check, *, group: str, resource: str, subresource: str, namespace: str, name: str
) -> Value:
    """The variable authorizer.requestResource: a check of the request's own resource."""
    attributes = CheckAttributes(
        user, group=group, resource=resource, subresource=subresource, namespace=namespace, name=name
    )
    return _ResourceCheck(check, attributes)


def _path(authorizer: AuthorizerValue, path: str) -> _PathCheck:
    if not path.strip():
        raise CelError("path must not be empty")
    return _PathCheck(authorizer.check, CheckAttributes(authorizer.user, path=path))


def _group(authorizer: AuthorizerValue, group: str) -> _GroupCheck:
    return _GroupCheck(authorizer.check, CheckAttributes(authorizer.user, group=group))


def _service_account(authorizer: AuthorizerValue, namespace: str, name: str) -> AuthorizerValue:
    if name_is_dns_subdomain(name, False):
        raise CelError("Invalid service account name")
    if name_is_dns_label(namespace, False):
        raise CelError("Invalid service account namespace")
    return AuthorizerValue(ServiceAccountUser(namespace, name), authorizer.check)


def _resource(pending: _GroupCheck, resource: str) -> _ResourceCheck:
    if not resource.strip():
        raise CelError("resource must not be empty")
    return _ResourceCheck(pending.check, replace(pending.attributes, resource=resource))


def _with(attribute: str) -> Implementation:
    def refine(pending: _ResourceCheck, value: str) -> _ResourceCheck:
        return _ResourceCheck(pending.check, replace(pending.attributes, **{attribute: value}))

    return refine


def _check(pending: _PendingCheck, verb: str) -> Decision:
    return pending.check(replace(pending.attributes, verb=verb))


def _refinement(name: str, oid: str, attribute: str) -> Function:
    return Function(name, member(oid, (RESOURCE_CHECK, STRING), RESOURCE_CHECK, _with(attribute)))


def _selector_cost(args: tuple[Any, ...], _result: Any) -> int:
    return selector_cost(fixed(len(args[1]))).high


def _check_cost(_args: tuple[Any, ...], _result: Any) -> int:
    return CHECK_COST


_COSTS: dict[str, CallCost] = {
    "pathcheck_check": _check_cost,
    "resourcecheck_check": _check_cost,
    "authorizer_fieldselector": _selector_cost,
    "authorizer_labelselector": _selector_cost,
}


def authorizer_library() -> Library:
    """Authorization checks, with selectors."""
    check_args = (STRING,)
    return Library(
        name="kubernetes.authz",
        functions=(
            Function("path", member("authorizer_path", (AUTHORIZER, STRING), PATH_CHECK, _path)),
            Function("group", member("authorizer_group", (AUTHORIZER, STRING), GROUP_CHECK, _group)),
            Function(
                "serviceAccount",
                member("authorizer_serviceaccount", (AUTHORIZER, STRING, STRING), AUTHORIZER, _service_account),
            ),
            Function("resource", member("groupcheck_resource", (GROUP_CHECK, STRING), RESOURCE_CHECK, _resource)),
            _refinement("subresource", "resourcecheck_subresource", "subresource"),
            _refinement("namespace", "resourcecheck_namespace", "namespace"),
            _refinement("name", "resourcecheck_name", "name"),
            _refinement("fieldSelector", "authorizer_fieldselector", "field_selector"),
            _refinement("labelSelector", "authorizer_labelselector", "label_selector"),
            Function(
                "check",
                member("pathcheck_check", (PATH_CHECK, *check_args), DECISION, _check),
                member("resourcecheck_check", (RESOURCE_CHECK, *check_args), DECISION, _check),
            ),
            Function("errored", member("decision_errored", (DECISION,), BOOL, lambda found: bool(found.error))),
            Function("error", member("decision_error", (DECISION,), STRING, lambda found: found.error)),
            Function("allowed", member("decision_allowed", (DECISION,), BOOL, lambda found: found.allowed)),
            Function("reason", member("decision_reason", (DECISION,), STRING, lambda found: found.reason)),
        ),
        types=(AUTHORIZER, PATH_CHECK, GROUP_CHECK, RESOURCE_CHECK, DECISION),
        costs=_COSTS,
    )
