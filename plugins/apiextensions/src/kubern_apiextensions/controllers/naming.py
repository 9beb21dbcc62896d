"""Which names of a definition are accepted (upstream: status/naming_controller.go). Next: `establishing.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubern.util.goquote import go_quote
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.summary import Names, Summary

Object = dict[str, Any]


def used_names(summaries: Iterable[Summary]) -> tuple[set[str], set[str]]:
    """The resource names and the kinds that definitions of one group have been given."""
    resources: set[str] = set()
    kinds: set[str] = set()
    for summary in summaries:
        accepted = summary.accepted
        resources.update((accepted.plural, accepted.singular, *accepted.short_names))
        kinds.update((accepted.kind, accepted.list_kind))
    return resources, kinds


def accept_names(wanted: Names, accepted: Names, resources: set[str], kinds: set[str]) -> tuple[Names, str, str]:
    """(names, reason, message): what of the wanted names is accepted, and how condition NamesAccepted says it.

    A name is given when nobody has it. Of several conflicts the last is told.
    """
    reason, message = "NoConflicts", "no conflicts found"
    given = accepted
    for attribute, conflict, used in (
        ("plural", "PluralConflict", resources),
        ("singular", "SingularConflict", resources),
        ("short_names", "ShortNamesConflict", resources),
        ("kind", "KindConflict", kinds),
        ("list_kind", "ListKindConflict", kinds),
    ):
        name, own = getattr(wanted, attribute), getattr(accepted, attribute)
        taken = _taken(name, own, used)
        if taken:
            reason, message = conflict, _message(taken)
        else:
            given = given._replace(**{attribute: name})
    return given._replace(categories=wanted.categories), reason, message


def _taken(wanted: str | tuple[str, ...], own: str | tuple[str, ...], used: set[str]) -> list[str]:
    names, kept = (wanted, own) if isinstance(wanted, tuple) else ((wanted,), (own,))
    return [name for name in names if name not in kept and name in used]


def _message(taken: list[str]) -> str:
    texts = [f"{go_quote(name)} is already in use" for name in dict.fromkeys(taken)]
    return texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"


def set_names(crd: Object, given: Names, reason: str, message: str) -> None:
    """Write the outcome into a definition's status, in place."""
    names: Object = {"plural": given.plural, "kind": given.kind}
    optional = {
        "singular": given.singular,
        "listKind": given.list_kind,
        "shortNames": list(given.short_names),
        "categories": list(given.categories),
    }
    names.update({key: value for key, value in optional.items() if value})
    crd.setdefault("status", {})["acceptedNames"] = names
    accepted = reason == "NoConflicts"
    crds.set_condition(crd, crds.NAMES_ACCEPTED, "True" if accepted else "False", reason, message)
    if crds.is_condition_true(crd, crds.ESTABLISHED):
        return
    if accepted:
        text = "the initial names have been accepted"
        crds.set_condition(crd, crds.ESTABLISHED, "False", "Installing", text)
    elif crds.find_condition(crd, crds.ESTABLISHED) is None:
        crds.set_condition(crd, crds.ESTABLISHED, "False", "NotAccepted", "not all names are accepted")
