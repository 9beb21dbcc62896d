"""Validation of definitions, in upstream's order and words (pkg/apis/apiextensions/validation).

Start at `crd.py`; `options.py` says what an update may keep although it is wrong. Schemas take three steps:
`structural.py` (is it structural), `default_values.py` (do its defaults fit it), `schemas.py` (everything else),
and `rules.py` for their x-kubernetes-validations.
"""
