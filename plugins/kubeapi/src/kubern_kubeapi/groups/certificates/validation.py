"""What a valid certificate signing request is (upstream: pkg/apis/certificates/validation).

Next: `certificatesigningrequest.py`.
"""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.certificates.pem import certificate_problem, request_problem
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = dict[str, Any]

LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
USAGES = frozenset(
    (
        "signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment",
        "cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth", "client auth", "code signing",
        "email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping",
        "ocsp signing", "microsoft sgc", "netscape sgc",
    )
)  # fmt: skip
_SPEC = Path("spec")
_CONDITIONS = Path("status", "conditions")
_CERTIFICATE = Path("status", "certificate")
_FINAL = ("Approved", "Denied", "Failed")
_STATUSES = ("False", "True", "Unknown")
_MIN_SECONDS = 600
_MAX_SIGNER_NAME = 253 + 1 + 253 + 63 + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Leniency:
    """What is excused because the object was stored when it was allowed."""

    duplicate_types: bool = False
    both_decisions: bool = False
    legacy_signer: bool = False
    duplicate_usages: bool = False
    unknown_usages: bool = False
    certificate: bool = False
    empty_types: bool = False


def _leniency(obj: Object, old: Object) -> Leniency:
    conditions = old.get("status", {}).get("conditions") or []
    types = [c.get("type", "") for c in conditions]
    usages = old.get("spec", {}).get("usages") or []
    certificate, issued = (o.get("status", {}).get("certificate") or "" for o in (obj, old))
    return Leniency(
        duplicate_types=len(set(types)) < len(types),
        both_decisions={"Approved", "Denied"} <= set(types),
        legacy_signer=old.get("spec", {}).get("signerName") == LEGACY_SIGNER,
        duplicate_usages=len(set(usages)) < len(usages),
        unknown_usages=not USAGES.issuperset(usages),
        certificate=certificate == issued or bool(certificate_problem(_bytes(issued))),
        empty_types="" in types,
    )


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def validate_request(obj: Object, excused: Leniency = Leniency()) -> ErrorList:  # frozen
    """A signing request by itself."""
    errors = validate_object_meta(obj["metadata"], False, lambda name, prefix: [])
    spec = obj.get("spec", {})
    problem = request_problem(_bytes(spec.get("request")))
    if problem:
        errors.append(field.invalid(_SPEC.child("request"), spec.get("request"), problem))
    errors += _validate_usages(spec.get("usages") or [], excused)
    signer, at = spec.get("signerName", ""), _SPEC.child("signerName")
    if signer == LEGACY_SIGNER and not excused.legacy_signer:
        errors.append(field.invalid(at, signer, "the legacy signerName is not allowed via this API version"))
    else:
        errors += validate_signer_name(signer, at)
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _MIN_SECONDS:
        detail = f"may not specify a duration less than {_MIN_SECONDS} seconds (10 minutes)"
        errors.append(field.invalid(_SPEC.child("expirationSeconds"), seconds, detail))
    errors += _validate_conditions(obj.get("status", {}).get("conditions") or [], excused)
    if not excused.certificate:
        problem = certificate_problem(_bytes(obj.get("status", {}).get("certificate")))
        if problem:
            errors.append(field.invalid(_CERTIFICATE, "<certificate data>", problem))
    return errors


def _validate_usages(usages: list[str], excused: Leniency) -> ErrorList:
    at = _SPEC.child("usages")
    errors: ErrorList = [] if usages else [field.required(at)]
    if not excused.unknown_usages:
        errors += [field.not_supported(at.index(i), u, USAGES) for i, u in enumerate(usages) if u not in USAGES]
    if not excused.duplicate_usages:
        errors += [field.duplicate(at.index(i), u) for i, u in enumerate(usages) if u in usages[:i]]
    return errors


def validate_signer_name(name: str, path: Path) -> ErrorList:
    """A domain with a dot, a slash and a path of labels (upstream: ValidateSignerName)."""
    if not name:
        return [field.required(path)]
    segments = name.split("/")
    if len(segments) != 2:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [field.invalid(path, name, detail)]
    domain, rest = segments
    errors: ErrorList = []
    if len(domain) > names.DNS1123_SUBDOMAIN_MAX_LENGTH:
        errors.append(field.too_long(path, domain, names.DNS1123_SUBDOMAIN_MAX_LENGTH))
    labels = domain.split(".")
    errors += _first_bad_label(labels, domain, names.is_dns1123_label, path)
    if len(labels) < 2:
        errors.append(field.invalid(path, domain, "should be a domain with at least two segments separated by dots"))
    errors += _first_bad_label(rest.split("."), rest, names.is_dns1123_subdomain, path)
    if len(name) > _MAX_SIGNER_NAME:
        errors.append(field.too_long(path, name, _MAX_SIGNER_NAME))
    return errors


def _first_bad_label(labels: list[str], whole: str, check: Any, path: Path) -> ErrorList:
    for label in labels:
        problems = check(label)
        if problems:
            return [field.invalid(path, whole, f"validating label {go_quote(label)}: {m}") for m in problems]
    return []


def _status_problem(condition: Object, path: Path) -> ErrorList:
    status = condition.get("status", "")
    if not status:
        return [field.required(path)]
    supported = ("True",) if condition.get("type") in _FINAL else _STATUSES
    return [] if status in supported else [field.not_supported(path, status, supported)]


def _validate_conditions(conditions: list[Object], excused: Leniency) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        at, kind = _CONDITIONS.index(i), condition.get("type", "")
        if not kind and not excused.empty_types:
            errors.append(field.required(at.child("type")))
        errors += _status_problem(condition, at.child("status"))
        decided = {"Approved", "Denied"} <= {*seen, kind} and kind in ("Approved", "Denied")
        if decided and not excused.both_decisions:
            detail = "Approved and Denied conditions are mutually exclusive"
            errors.append(field.invalid(_CONDITIONS, kind, detail))
        if kind in seen and not excused.duplicate_types:
            errors.append(field.duplicate(at.child("type"), kind))
        seen.add(kind)
    return errors


def _of_type(obj: Object, kind: str) -> list[Object]:
    return [c for c in obj.get("status", {}).get("conditions") or () if c.get("type") == kind]


def validate_request_update(obj: Object, old: Object, *, decide: bool = False, sign: bool = False) -> ErrorList:
    """A request as the successor of `old`: decisions stay, and are made through /approval (`decide`) only; the
    certificate comes through /status (`sign`) only, once.
    """
    errors = validate_request(obj, _leniency(obj, old))
    for kind in _FINAL:
        if len(_of_type(obj, kind)) < len(_of_type(old, kind)):
            errors.append(field.forbidden(_CONDITIONS, f"updates may not remove a condition of type {go_quote(kind)}"))
    if not decide:
        for kind in ("Approved", "Denied"):
            new, before = _of_type(obj, kind), _of_type(old, kind)
            if len(new) > len(before):
                detail = f"updates may not add a condition of type {go_quote(kind)}"
                errors.append(field.forbidden(_CONDITIONS, detail))
            elif len(new) == len(before) and new != before:
                detail = f"updates may not modify a condition of type {go_quote(kind)}"
                errors.append(field.forbidden(_CONDITIONS, detail))
    certificate, issued = (o.get("status", {}).get("certificate") or "" for o in (obj, old))
    if certificate != issued:
        if not sign:
            errors.append(field.forbidden(_CERTIFICATE, "updates may not set certificate content"))
        elif issued:
            errors.append(field.forbidden(_CERTIFICATE, "updates may not modify existing certificate content"))
    return errors + validate_object_meta_update(obj["metadata"], old["metadata"])
