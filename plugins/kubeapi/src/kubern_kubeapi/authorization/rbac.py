"""The RBAC authorizer (upstream: plugin/pkg/auth/authorizer/rbac).

Roles and bindings are read straight from the watch caches of their resources: a change is in force when its write
is acknowledged. Bindings are indexed by subject, roles compiled on first use, and answers kept until any of the
four resources changes; a change costs what it changes, not what there is. Next: `rules.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.request import User
from kubern.util.aggregate import aggregate
from kubern.util.goquote import go_quote
from kubern_kubeapi.authorization.rules import Rule, compile_rules

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.registry.store import ResourceStore
    from kubern.storage.cacher import Change, Entry

GROUP = "rbac.authorization.k8s.io"
_BINDINGS = ("clusterrolebindings", "rolebindings")
_SubjectKey = tuple[str, str]
_RESOURCES = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
_SHARED = "kubeapi/rbac"
MAX_ANSWERS = 20_000
"""Answers kept between two changes; then the memory starts anew."""


class Grant(NamedTuple):
    """A rule that applies to a user, and why."""

    rule: Rule | None
    """None for a binding whose role does not exist."""
    binding: Binding
    subject: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding or, without a namespace, a ClusterRoleBinding."""

    namespace: str
    name: str
    role_kind: str
    role_name: str

    def missing_role(self) -> str:
        """What the authorizer says when the role does not exist."""
        return f"{self.role_kind.lower()}.{GROUP} {go_quote(self.role_name)} not found"

    def describe(self, subject: Mapping[str, Any]) -> str:
        """The reason text of an allowed request."""
        if self.namespace:
            binding = f"RoleBinding {go_quote(f'{self.name}/{self.namespace}')}"
        else:
            binding = f"ClusterRoleBinding {go_quote(self.name)}"
        kind = subject.get("kind", "")
        who = subject["name"]
        if kind == "ServiceAccount":
            who = f"{who}/{subject.get('namespace') or self.namespace}"
        return f"RBAC: allowed by {binding} of {self.role_kind} {go_quote(self.role_name)} to {kind} {go_quote(who)}"


class _Bound(NamedTuple):
    """A subject of a binding and its place among the binding's subjects."""

    binding: Binding
    place: int
    subject: Mapping[str, Any]


class _Index:
    """Bindings by subject and compiled roles, as the watch caches have them; follows their changes."""

    def __init__(self, stores: Mapping[str, ResourceStore]) -> None:
        self._stores = stores
        self._rules: dict[tuple[str, str], tuple[Rule, ...] | None] = {}
        self._by_subject: dict[_SubjectKey, list[_Bound]] = {}
        self._indexed: dict[str, tuple[Binding, set[_SubjectKey]]] = {}
        for resource in _BINDINGS:
            for entry in stores[resource].cacher.entries().values():
                self._add(entry)

    def follow(self, resource: str, change: Change) -> None:
        """Take over one change of a binding or role."""
        if resource not in _BINDINGS:
            self._rules.pop((change.namespace, change.name), None)
            return
        self._remove(change.key)
        if change.entry is not None:
            self._add(change.entry)

    def _add(self, entry: Entry) -> None:
        obj = entry.decode()
        ref = obj["roleRef"]
        binding = Binding(entry.namespace, entry.name, ref["kind"], ref["name"])
        keys: set[_SubjectKey] = set()
        for place, subject in enumerate(obj.get("subjects") or ()):
            key = _subject_key(subject, entry.namespace)
            if key is not None and key not in keys:
                keys.add(key)
                self._by_subject.setdefault(key, []).append(_Bound(binding, place, subject))
        self._indexed[entry.key] = binding, keys

    def _remove(self, entry_key: str) -> None:
        binding, keys = self._indexed.pop(entry_key, (None, ()))
        for key in keys:
            left = [bound for bound in self._by_subject[key] if bound.binding is not binding]
            if left:
                self._by_subject[key] = left
            else:
                del self._by_subject[key]

    def rules_of(self, binding: Binding) -> tuple[Rule, ...] | None:
        """The rules of a binding's role, None when there is no such role."""
        namespace = binding.namespace if binding.role_kind == "Role" else ""
        key = (namespace, binding.role_name)
        try:
            return self._rules[key]
        except KeyError:
            store = self._stores["roles" if namespace else "clusterroles"]
            entry = store.cacher.entries().get(store.key(namespace, binding.role_name))
            rules = None if entry is None else compile_rules(entry.decode())
            self._rules[key] = rules
            return rules

    def bindings(self, user: User, namespace: str) -> Iterator[_Bound]:
        """What binds the user at cluster scope, then in the namespace: each binding once, by its first subject."""
        keys = [("User", user.name), *(("Group", g) for g in user.groups)]
        found: dict[int, _Bound] = {}
        for key in keys:
            for bound in self._by_subject.get(key, ()):
                known = found.setdefault(id(bound.binding), bound)
                if bound.place < known.place:
                    found[id(bound.binding)] = bound
        yield from (bound for bound in found.values() if not bound.binding.namespace)
        if namespace:
            yield from (bound for bound in found.values() if bound.binding.namespace == namespace)


def _subject_key(subject: Mapping[str, Any], namespace: str) -> _SubjectKey | None:
    kind = subject.get("kind")
    if kind in ("User", "Group"):
        return (kind, subject["name"])
    home = subject.get("namespace") or namespace
    if kind == "ServiceAccount" and home:
        return ("User", f"system:serviceaccount:{home}:{subject['name']}")
    return None


class RBACAuthorizer:
    """Allows what some role of the user allows; never denies."""

    def __init__(self, config: CompletedConfig) -> None:
        self.config = config
        self._index: _Index | None = None
        self._answers: dict[tuple[object, ...], tuple[Decision, str]] = {}

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        """ALLOW with the binding as reason, else NO_OPINION with the problems met (missing roles)."""
        answers = self._answers
        key = (attributes.user.name, attributes.user.groups, *_question(attributes))
        found = answers.get(key)
        if found is not None:
            return found
        index = self._index or await self._build()
        answer = self._decide(index, attributes)
        if len(answers) >= MAX_ANSWERS:
            answers.clear()
        answers[key] = answer
        return answer

    async def _build(self) -> _Index:
        found = {r: self.config.outermost.find_store(GROUP, r) for r in _RESOURCES}
        stores = {r: s for r, s in found.items() if s is not None}
        for store in stores.values():
            await store.cacher.ready()
        # Nothing is awaited between reading the caches and following them. Somebody else may have been quicker.
        if self._index is None:
            self._index = _Index(stores)
            for resource, store in stores.items():
                store.cacher.subscribe(partial(self._changed, resource))
        return self._index

    def _changed(self, resource: str, changes: Sequence[Change]) -> None:
        self._answers.clear()
        if self._index is not None:
            for change in changes:
                self._index.follow(resource, change)

    def _decide(self, index: _Index, attributes: Attributes) -> tuple[Decision, str]:
        problems: list[str] = []
        for grant in self._grants(index, attributes.user, attributes.namespace):
            if grant.rule is None:
                problems.append(grant.binding.missing_role())
            elif grant.rule.allows(attributes):
                return Decision.ALLOW, grant.binding.describe(grant.subject)
        if not problems:
            return Decision.NO_OPINION, ""
        return Decision.NO_OPINION, "RBAC: " + aggregate(problems)

    @staticmethod
    def _grants(index: _Index, user: User, namespace: str) -> Iterator[Grant]:
        for binding, _, subject in index.bindings(user, namespace):
            rules = index.rules_of(binding)
            if rules is None:
                yield Grant(None, binding, subject)
            else:
                for rule in rules:
                    yield Grant(rule, binding, subject)

    async def grants_for(self, user: User, namespace: str) -> list[Grant]:
        """Every rule that applies to the user at cluster scope and in the namespace (escalation checks)."""
        index = self._index or await self._build()
        return list(self._grants(index, user, namespace))

    async def policy_rules_for(self, user: User, namespace: str) -> tuple[list[dict[str, Any]], list[Binding]]:
        """The rules that apply to the user, as roles have them, and the bindings whose role does not exist."""
        grants = await self.grants_for(user, namespace)
        missing = [grant.binding for grant in grants if grant.rule is None]
        return [grant.rule.raw for grant in grants if grant.rule is not None], missing

    async def rules_of_role(self, namespace: str, kind: str, name: str) -> list[dict[str, Any]] | None:
        """The rules of a role that a binding in `namespace` names, None when there is no such role."""
        index = self._index or await self._build()
        rules = index.rules_of(Binding(namespace, "", kind, name))
        return None if rules is None else [rule.raw for rule in rules]

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """The rules review of the user (upstream: RulesFor)."""
        resource_rules: list[dict[str, list[str]]] = []
        non_resource_rules: list[dict[str, list[str]]] = []
        problems: list[str] = []
        for grant in await self.grants_for(user, namespace):
            if grant.rule is None:
                problems.append(grant.binding.missing_role())
                continue
            raw = grant.rule.raw
            if raw.get("resources"):
                names = ("verbs", "apiGroups", "resources", "resourceNames")
                resource_rules.append({k: raw[k] for k in names if raw.get(k)})
            if raw.get("nonResourceURLs"):
                non_resource_rules.append({k: raw[k] for k in ("verbs", "nonResourceURLs") if raw.get(k)})
        return RulesResult(resource_rules, non_resource_rules, False, aggregate(problems))


def _question(attributes: Attributes) -> tuple[object, ...]:
    """All that the answer depends on beside the user's name and groups."""
    if not attributes.resource_request:
        return (attributes.verb, attributes.path)
    return (
        attributes.verb,
        attributes.api_group,
        attributes.resource,
        attributes.subresource,
        attributes.namespace,
        attributes.name,
    )


def rbac_of(config: CompletedConfig) -> RBACAuthorizer:
    """The RBAC authorizer of a server, which knows everybody's rules whether or not --authorization-mode names it."""
    found: RBACAuthorizer = config.shared.setdefault(_SHARED, RBACAuthorizer(config))
    return found
