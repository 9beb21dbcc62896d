"""The NetworkPolicy kind (networking.k8s.io). Next: `group.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.formats import is_valid_port_name
from kubern.apimachinery.validation.selector import format_label_selector, validate_label_selector
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_POLICY_TYPES = ("Ingress", "Egress")
_DIRECTIONS = (("ingress", "from"), ("egress", "to"))
_MISPLACED_END = "may not be specified when `port` is {}"


def set_network_policy_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_NetworkPolicy and SetDefaults_NetworkPolicyPort."""
    spec = obj.setdefault("spec", {})
    for rule in chain.from_iterable(spec.get(direction) or () for direction, _ in _DIRECTIONS):
        for port in rule.get("ports") or ():
            if port.get("protocol") is None:
                port["protocol"] = "TCP"
    if not spec.get("policyTypes"):
        spec["policyTypes"] = list(_POLICY_TYPES) if spec.get("egress") else ["Ingress"]


def _peers(spec: Object) -> Iterator[tuple[Object, Path]]:
    """Every peer of every rule, with its path."""
    for direction, peers in _DIRECTIONS:
        for i, rule in enumerate(spec.get(direction) or ()):
            at = _SPEC.child(direction).index(i).child(peers)
            for j, peer in enumerate(rule.get(peers) or ()):
                yield peer, at.index(j)


class _Rules:
    """How strictly an update is judged: CIDRs and selectors that were there before stay."""

    def __init__(self, old: Object | None) -> None:
        self.known: Collection[str] = ()
        self.any_label_value = False
        if old is None:
            return
        spec = old.get("spec", {})
        blocks = [
            peer["ipBlock"]
            for direction, peers in _DIRECTIONS
            for rule in spec.get(direction) or ()
            for peer in rule.get(peers) or ()
            if peer.get("ipBlock")
        ]
        self.known = {cidr for b in blocks for cidr in (b.get("cidr", ""), *(b.get("except") or ()))}
        self.any_label_value = bool(validate_label_selector(spec.get("podSelector"), _SPEC))

    def selector(self, selector: Object | None, path: Path) -> ErrorList:
        """Problems of a label selector."""
        return validate_label_selector(selector, path, allow_invalid_label_value=self.any_label_value)


def _validate_spec(spec: Object, rules: _Rules) -> ErrorList:
    errors = rules.selector(spec.get("podSelector"), _SPEC.child("podSelector"))
    for direction, peers in _DIRECTIONS:
        for i, rule in enumerate(spec.get(direction) or ()):
            at = _SPEC.child(direction).index(i)
            for j, port in enumerate(rule.get("ports") or ()):
                errors += _validate_port(port, at.child("ports").index(j))
            for j, peer in enumerate(rule.get(peers) or ()):
                errors += _validate_peer(peer, rules, at.child(peers).index(j))
    types, at = spec.get("policyTypes") or [], _SPEC.child("policyTypes")
    if len(types) > len(_POLICY_TYPES):
        return [*errors, field.invalid(at, types, "may not specify more than two policyTypes")]
    return errors + [
        field.not_supported_in_order(at.index(i), kind, _POLICY_TYPES)
        for i, kind in enumerate(types)
        if kind not in _POLICY_TYPES
    ]


def _validate_port(port: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        errors.append(field.not_supported_in_order(path.child("protocol"), protocol, _PROTOCOLS))
    at_end = path.child("endPort")
    if isinstance(number, int):
        errors += net.validate_port_num(number, path.child("port"))
        if end is not None:
            if end < number:
                errors.append(field.invalid(at_end, number, "must be greater than or equal to `port`"))
            errors += net.validate_port_num(end, at_end)
        return errors
    if end is not None:
        why = "not specified" if number is None else "non-numeric"
        errors.append(field.invalid(at_end, end, _MISPLACED_END.format(why)))
    if number is not None:
        errors += [field.invalid(path.child("port"), number, m) for m in is_valid_port_name(number)]
    return errors


def _validate_peer(peer: Object, rules: _Rules, path: Path) -> ErrorList:
    errors: ErrorList = []
    kinds = [k for k in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(k) is not None]
    for kind in kinds:
        if kind == "ipBlock":
            errors += _validate_ip_block(peer[kind], rules.known, path.child(kind))
        else:
            errors += rules.selector(peer[kind], path.child(kind))
    if not kinds:
        errors.append(field.required(path, "must specify a peer"))
    elif len(kinds) > 1 and "ipBlock" in kinds:
        errors.append(field.forbidden(path, "may not specify both ipBlock and another peer"))
    return errors


def _validate_ip_block(block: Object, known: Collection[str], path: Path) -> ErrorList:
    cidr = block.get("cidr", "")
    if not cidr:
        return [field.required(path.child("cidr"))]
    errors = net.validate_cidr_for_legacy_field(path.child("cidr"), cidr, known)
    parsed = net.parse_cidr(cidr)
    if parsed is None:
        return errors
    for i, text in enumerate(block.get("except") or ()):
        at = path.child("except").index(i)
        errors += net.validate_cidr_for_legacy_field(at, text, known)
        inner = net.parse_cidr(text)
        if inner is not None and not _is_strict_subset(inner[1], parsed[1]):
            errors.append(field.invalid(at, text, "must be a strict subset of `cidr`"))
    return errors


def _is_strict_subset(inner: net.IPNetwork, outer: net.IPNetwork) -> bool:
    return inner.network_address in outer and outer.prefixlen < inner.prefixlen


class NetworkPolicyStrategy(Strategy):
    """Rules of network policies."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj.get("spec", {}), _Rules(None))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + _validate_spec(obj.get("spec", {}), _Rules(old))

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        warnings = []
        for peer, at in _peers(obj.get("spec", {})):
            block = peer.get("ipBlock")
            if block is None:
                continue
            at = at.child("ipBlock")
            warnings += net.warnings_for_cidr(at.child("cidr"), block.get("cidr", ""))
            for k, text in enumerate(block.get("except") or ()):
                warnings += net.warnings_for_cidr(at.child("except").index(k), text)
        return warnings

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], format_label_selector(obj.get("spec", {}).get("podSelector")), age(obj)]


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="networkpolicies",
    kind="NetworkPolicy",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("networking.k8s.io", "v1", "NetworkPolicy"),
            default=set_network_policy_defaults,
            columns=(
                NAME_COLUMN,
                described("Pod-Selector", "networking.v1.NetworkPolicySpec.podSelector"),
                AGE_COLUMN,
            ),
            cells=_cells,
        ),
    ),
    strategy=NetworkPolicyStrategy(),
    singular="networkpolicy",
    short_names=("netpol",),
)
