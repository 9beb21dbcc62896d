"""Admission policies and their bindings of either kind: what they have in common (upstream: apis/admissionregistration).

Next: `validatingadmissionpolicy.py`, `mutatingadmissionpolicy.py`; `rules.py` and `expressions.py` below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column
from kubern.apimachinery.validation.objectmeta import validate_object_meta
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.admissionregistration.rules import set_match_resources_defaults, validate_match_resources

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

SPEC: Final = Path("spec")
NOT_FOUND_ACTIONS: Final = ("Deny", "Allow")
_EXCLUSIVE: Final = "name and selector are mutually exclusive"


def set_policy_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_ValidatingAdmissionPolicySpec, SetDefaults_MutatingAdmissionPolicySpec."""
    spec = obj.setdefault("spec", {})
    if spec.get("failurePolicy") is None:
        spec["failurePolicy"] = "Fail"
    set_match_resources_defaults(spec.get("matchConstraints"))


def set_binding_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_MatchResources."""
    set_match_resources_defaults(obj.setdefault("spec", {}).get("matchResources"))


def keeps_match_conditions(obj: Object, old: Object) -> bool:
    """Whether an update changes nothing that match conditions depend on."""
    new, stored = obj.get("spec", {}), old.get("spec", {})
    return all(new.get(name) == stored.get(name) for name in ("paramKind", "matchConditions"))


def validate_param_kind(kind: Object | None, path: Path) -> ErrorList:
    """The kind of a policy's parameters; none has no problems."""
    if kind is None:
        return []
    errors = _validate_group_version(kind.get("apiVersion", ""), path.child("apiVersion"))
    name = kind.get("kind", "")
    if not name:
        return [*errors, field.required(path.child("kind"))]
    problems = names.is_dns1035_label(name.lower())
    if problems:
        detail = "may have mixed case, but should otherwise match: " + ",".join(problems)
        errors.append(field.invalid(path.child("kind"), name, detail))
    return errors


def _validate_group_version(text: str, path: Path) -> ErrorList:
    if not text:
        return [field.required(path)]
    if text.count("/") > 1:
        return [field.invalid(path, text, f"unexpected GroupVersion string: {text}")]
    group, _, version = text.rpartition("/")
    errors: ErrorList = []
    problems = names.is_dns1123_subdomain(group) if group else []
    if problems:
        errors.append(field.invalid(path, group, ",".join(problems)))
    if not version:
        return [*errors, field.invalid(path, text, "version must be specified")]
    problems = names.is_dns1035_label(version)
    if problems:
        errors.append(field.invalid(path, version, ",".join(problems)))
    return errors


def validate_binding(obj: Object) -> ErrorList:
    """metadata, policy, parameters and what is matched."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    spec = obj.get("spec", {})
    name = spec.get("policyName", "")
    if not name:
        errors.append(field.required(SPEC.child("policyName")))
    else:
        problems = names.name_is_dns_subdomain(name, False)
        errors += [field.invalid(SPEC.child("policyName"), name, problem) for problem in problems]
    errors += _validate_param_ref(spec.get("paramRef"), SPEC.child("paramRef"))
    return errors + validate_match_resources(spec.get("matchResources"), SPEC.child("matchResources"))


def _validate_param_ref(ref: Object | None, path: Path) -> ErrorList:
    if ref is None:
        return []
    errors: ErrorList = []
    name, selector = ref.get("name", ""), ref.get("selector")
    both = bool(name) and selector is not None
    if name:
        errors += [
            field.invalid(path.child("name"), name, problem) for problem in names.is_valid_path_segment_name(name)
        ]
    if both:
        errors.append(field.forbidden(path.child("name"), _EXCLUSIVE))
    errors += validate_label_selector(selector, path.child("selector"))
    if both:
        errors.append(field.forbidden(path.child("selector"), _EXCLUSIVE))
    if not name and selector is None:
        errors.append(field.required(path, "one of name or selector must be specified"))
    action, at = ref.get("parameterNotFoundAction"), path.child("parameterNotFoundAction")
    if not action:
        errors.append(field.required(at))
    elif action not in NOT_FOUND_ACTIONS:
        errors.append(field.not_supported_in_order(at, action, NOT_FOUND_ACTIONS))
    return errors


class SpecGenerationStrategy(Strategy):
    """generation counts the changes of the spec."""

    allow_unconditional_update = False

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        bump_generation(obj, old)


PARAM_KIND_COLUMN: Final = Column(
    "ParamKind", description="ParamKind specifies the kind of resources used to parameterize this policy"
)
BINDING_COLUMNS: Final = (
    NAME_COLUMN,
    Column("PolicyName", description="PolicyName indicates the policy definition which the policy binding binded to"),
    Column("ParamRef", description="ParamRef indicates the param resource which sets the configuration param"),
    AGE_COLUMN,
)
_UNSET: Final = "<unset>"


def param_kind_cell(obj: Object) -> str:
    """The kind of a policy's parameters with its version."""
    kind = obj.get("spec", {}).get("paramKind")
    return f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind is not None else _UNSET


def binding_cells(obj: Object) -> list[Any]:
    """Name, policy, parameters, age."""
    spec = obj.get("spec", {})
    return [obj["metadata"]["name"], spec.get("policyName", ""), _param_ref_cell(spec.get("paramRef")), age(obj)]


def _param_ref_cell(ref: Object | None) -> str:
    if ref is None:
        return _UNSET
    if ref.get("name"):
        return f"{ref.get('namespace') or '*'}/{ref['name']}"
    return _UNSET if ref.get("selector") is None else _selector_struct(ref["selector"])


def _selector_struct(selector: Object) -> str:
    """A label selector as its Go struct prints itself."""
    labels = selector.get("matchLabels") or {}
    pairs = "".join(f"{key}: {labels[key]}," for key in sorted(labels))
    requirements = "".join(
        f"LabelSelectorRequirement{{Key:{r.get('key', '')},Operator:{r.get('operator', '')},"
        f"Values:[{' '.join(r.get('values') or ())}],}},"
        for r in selector.get("matchExpressions") or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{requirements}}},}}"
    )
