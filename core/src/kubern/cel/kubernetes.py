"""The base environment of kube-apiserver 1.36 and its limits (apiserver's cel/environment and apis/cel).

    env = base_env().extend(variables={"object": types.DYN})

Consumers build one base environment and extend it; building takes a few milliseconds.
Next: `env.py`, `library/`.
"""

from __future__ import annotations

from functools import lru_cache

from kubern.cel.checker.validators import validate
from kubern.cel.env import Env
from kubern.cel.library.authorizer import authorizer_library
from kubern.cel.library.base import base_library
from kubern.cel.library.cidr import cidr_library
from kubern.cel.library.format import format_library
from kubern.cel.library.ip import ip_library
from kubern.cel.library.list_extensions import list_extensions_library
from kubern.cel.library.lists import lists_library
from kubern.cel.library.optionals import optionals_library
from kubern.cel.library.quantity import quantity_library
from kubern.cel.library.regex import regex_library
from kubern.cel.library.semver import semver_library
from kubern.cel.library.sets import sets_library
from kubern.cel.library.strings import strings_library
from kubern.cel.library.two_variables import two_variables_library
from kubern.cel.library.urls import urls_library

# The cost of one call of an expression.
PER_CALL_LIMIT = 1_000_000
# The cost of all calls for one object.
RUNTIME_COST_BUDGET = 10_000_000
# The cost of all match conditions of one policy or webhook.
RUNTIME_COST_BUDGET_MATCH_CONDITIONS = 2_500_000
# The estimated cost of one expression of a CustomResourceDefinition, and of all of one schema.
STATIC_ESTIMATED_COST_LIMIT = 10_000_000
STATIC_ESTIMATED_CRD_COST_LIMIT = 100_000_000


@lru_cache(maxsize=1)
def base_env() -> Env:
    """The environment that every expression of Kubernetes starts from; it has no variables."""
    libraries = (
        base_library(),
        urls_library(),
        regex_library(),
        lists_library(),
        authorizer_library(),
        optionals_library(),
        quantity_library(),
        strings_library(version=2),
        sets_library(),
        ip_library(),
        cidr_library(),
        format_library(),
        two_variables_library(),
        semver_library(),
        list_extensions_library(),
    )
    return Env(libraries, validators=(validate,))
