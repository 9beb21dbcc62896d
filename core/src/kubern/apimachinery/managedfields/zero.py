"""What an empty object of a built-in kind looks like, with which new objects are compared.

Its structs are there already: that is why `f:spec` of a new Deployment carries no `.`, while `f:labels` does. Custom
resources, and kinds that are no Go structs, start from nothing.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields.fieldset import LEAF, FieldSet
from kubern.apimachinery.schema.gotype import go_type
from kubern.apimachinery.schema.model import Schema
from kubern.apimachinery.schema.walker import walker_of

Object = dict[str, Any]


def zero_object(schema: Schema) -> Object:
    """The kind's zero value: everything that Go always writes, lists empty as decoding leaves them."""
    walker = walker_of(go_type(schema))
    return _overlay(walker.encoded_zero(), walker.zero())


def _overlay(written: Object, decoded: Object) -> Object:
    """As written, with the decoded form of what decoding keeps (`[]` where Go writes null)."""
    out = written.copy()
    for name, value in decoded.items():
        known = out.get(name)
        out[name] = _overlay(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return out


def sent_empties(zero: Object, sent: Object) -> FieldSet:
    """The lists that a body sets to `[]` where the zero value has a list, too.

    In Go that is a change, from nil to empty; decoded objects no longer tell one from the other.
    """
    out: FieldSet = {}
    for name, value in sorted(zero.items()):
        given = sent.get(name)
        if isinstance(value, list):
            if given == []:
                out["f:" + name] = LEAF
        elif isinstance(value, dict) and isinstance(given, dict):
            below = sent_empties(value, given)
            if below:
                out["f:" + name] = below
    return out
