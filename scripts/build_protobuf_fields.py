"""Write `apimachinery/protobuf/fields.txt`: which number and type each field of a Kubernetes message has.

    python scripts/build_protobuf_fields.py FIELDS.json KUBECTL

FIELDS.json maps message names to fields to [number, type, label], as in the generated.proto files. KUBECTL is a Go
program that links the Kubernetes API types: from its struct tags come the JSON names, the inlined structs, and
which zero values Go leaves out of JSON (`omitempty` on what is no pointer) or shows as null (no `omitempty` on what
may be nil). Types newer than the program inherit from their older versions, the rest is said below.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from go_structs import MAP, POINTER, SLICE, STRUCT, GoBinary

OUT = Path(__file__).parent.parent / "core/src/kubern/apimachinery/protobuf/fields.txt"

PACKAGES = {
    "k8s.io.api.": "",
    "k8s.io.apimachinery.pkg.apis.meta.": "meta.",
    "k8s.io.apimachinery.pkg.runtime.": "runtime.",
    "k8s.io.apimachinery.pkg.util.intstr.": "intstr.",
    "k8s.io.apimachinery.pkg.api.resource.": "quantity.",
    "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.": "apiextensions.",
    "k8s.io.kube_aggregator.pkg.apis.apiregistration.": "apiregistration.",
    "k8s.io.apiserver.pkg.apis.audit.": "audit.",
}
SCALARS = {"string": "s", "bool": "b", "int32": "i", "int64": "i", "bytes": "y", "double": "d"}

# What no linked struct tells. JSON names of apiextensions' fields:
RENAMED = {"schema": "$schema", "ref": "$ref"}
KUBERNETES = re.compile(r"xKubernetes([A-Z].*)")
# Among the newer scalars texts usually have `omitempty` and numbers and booleans are pointers; these do not:
KEEP_EMPTY_TEXT = {
    "apiextensions": "rule x-kubernetes-list-type x-kubernetes-map-type deprecationWarning path url labelSelectorPath "
    "jsonPath specReplicasPath statusReplicasPath name plural kind status group scope strategy namespace",
    "apiregistration": "status name namespace",
    "": "stopSignal hostnameOverride shareID extendedResourceName nodeName string version driver pool device request",
}
DROP_ZERO = {
    "apiextensions": "exclusiveMaximum exclusiveMinimum uniqueItems nullable x-kubernetes-embedded-resource "
    "x-kubernetes-int-or-string deprecated preserveUnknownFields priority observedGeneration",
    "apiregistration": "insecureSkipTLSVerify",
    "": "observedGeneration count",
}
NULL_WHEN_ABSENT = {"apiextensions": "conditions storedVersions versions", "apiregistration": ""}


def short(name: str) -> str:
    for prefix, replacement in PACKAGES.items():
        if name.startswith(prefix):
            return replacement + name[len(prefix) :]
    return ""


def go_facts(binary: GoBinary) -> dict[str, dict[int, tuple[str, str]]]:
    """Message to field number to JSON name and flags."""
    facts: dict[str, dict[int, tuple[str, str]]] = {}
    for package, name, fields in binary.structs():
        message = short(package.replace("/", ".").replace("-", "_") + "." + name)
        for field in fields:
            protobuf = re.search(r'protobuf:"\w+,(\d+),', field.tag)
            if not message or protobuf is None:
                continue
            tag = re.search(r'json:"([^"]*)"', field.tag)
            json_name, _, options = tag.group(1).partition(",") if tag else ("", "", "")
            facts.setdefault(message, {})[int(protobuf.group(1))] = (json_name, flags(field.kind, options))
    return facts


def flags(kind: int, options: str) -> str:
    if "inline" in options:
        return "<"
    omitted = "omitempty" in options
    if kind in (POINTER, SLICE, MAP):
        return "" if omitted else "n"
    if kind == STRUCT:
        return ""
    return "0" if omitted else ""


def inherited(message: str, facts: dict[str, dict[int, tuple[str, str]]], names: dict[str, str]) -> dict[str, str]:
    """Flags by field name from the same message in another version of the group."""
    group, _, kind = message.split(".")
    for other, fields in facts.items():
        if other.split(".")[0] == group and other.split(".")[-1] == kind and other != message:
            return {json_name: flag for json_name, flag in fields.values() if json_name in names}
    return {}


def guessed(group: str, field: str, kind: str, repeated: bool) -> str:
    """Flags of a field that no struct tells about."""
    if field in NULL_WHEN_ABSENT.get(group, "").split() and repeated:
        return "n"
    if repeated or kind not in SCALARS.values():
        return ""
    if kind in "sy":
        return "" if field in KEEP_EMPTY_TEXT.get(group, KEEP_EMPTY_TEXT[""]).split() else "0"
    return "0" if field in DROP_ZERO.get(group, DROP_ZERO[""]).split() else ""


def type_code(name: str, message: str) -> str:
    if name in SCALARS:
        return SCALARS[name]
    if name.startswith("map<string,"):
        return "{" + type_code(name[11:-1].lstrip("."), message)
    if "." in name:
        return "@" + short(name)
    return "@" + message.rpartition(".")[0] + "." + name


def json_name_of(field: str, group: str) -> str:
    if group != "apiextensions":
        return field
    kubernetes = KUBERNETES.fullmatch(field)
    if kubernetes:
        return "x-kubernetes" + re.sub("([A-Z])", lambda m: "-" + m.group(1).lower(), kubernetes.group(1))
    return field


def line(message: str, fields: dict[str, list[str]], facts: dict[str, dict[int, tuple[str, str]]]) -> str:
    group = message.split(".")[0]
    known = facts.get(message, {})
    older = inherited(message, facts, dict.fromkeys(fields, "")) if not known and message.count(".") == 2 else {}
    out = []
    for field, (number, kind, label) in sorted(fields.items(), key=lambda item: int(item[1][0])):
        code, repeated = type_code(kind, message), label == "repeated"
        json_name = json_name_of(field, group)
        if message.endswith("JSONSchemaProps"):
            json_name = RENAMED.get(field, json_name)
        if field == "creationTimestamp":
            flag = "0"  # omitzero, since 1.34
        elif int(number) in known:
            told, flag = known[int(number)]
            json_name = told if told not in ("", "-") else json_name
        else:
            flag = older[field] if field in older else guessed(group, json_name, code, repeated)
            if field in ("deviceConfiguration", "ruleWithOperations"):
                flag = "<"
        out.append(f"{number}:{json_name}:{code}{'*' if repeated else ''}{':' + flag if flag else ''}")
    return f"{message} {' '.join(out)}".rstrip()


def main(fields_path: str, binary_path: str) -> None:
    messages = {
        short(name): fields for name, fields in json.loads(Path(fields_path).read_text()).items() if short(name)
    }
    facts = go_facts(GoBinary(Path(binary_path)))
    lines = [line(message, fields, facts) for message, fields in sorted(messages.items())]
    OUT.write_text("\n".join(lines) + "\n")
    print(f"{OUT}: {len(lines)} messages, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
