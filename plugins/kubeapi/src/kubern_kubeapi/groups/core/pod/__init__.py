"""The Pod kind: one module per behaviour; `resource.py` declares it, `defaults.py` and `validation_*.py` judge it.

Kinds with pod templates use `defaults.py::default_pod_template` and `validation_spec.py::validate_pod_template_spec`.
"""
