"""The Pod kind, one module per behaviour: `resource.py` declares it, `defaults.py` fills it, `validation/` judges it.

Kinds with pod templates use `defaults.py::default_pod_template` and `validation/spec.py::validate_pod_template_spec`.
"""
