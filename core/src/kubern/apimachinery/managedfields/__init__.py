"""Who owns which field of an object: metadata.managedFields, and server-side apply.

Upstream: sigs.k8s.io/structured-merge-diff and apimachinery/pkg/util/managedfields. Pure functions on dicts; what is
given is never changed. From the door inwards: `manager.py` (FieldManager), `updater.py` (ownership after a write),
`newobjects.py` (specs met before), `compare.py`, `merge.py`, `remove.py`, `toset.py` (typed walks), `types.py` (a
schema as those walks see it),
`fieldset.py` and `elements.py` (sets of field paths).
"""
