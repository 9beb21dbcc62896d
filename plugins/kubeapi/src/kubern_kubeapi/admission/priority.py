"""The Priority plugin: class names become numbers, and one class at most is the default.

Upstream: plugin/pkg/admission/priority. Next: `groups/scheduling/priorityclass.py`, the kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern_kubeapi.admission.lister import Derived, Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
CLASSES = ("scheduling.k8s.io", "priorityclasses")


class _Default(NamedTuple):
    """The class of pods that name none."""

    cls: Object | None


class Priority(Handler):
    """Fills spec.priority and spec.preemptionPolicy of new pods."""

    resources = frozenset({("", "pods"), CLASSES})

    def __init__(self, config: CompletedConfig) -> None:
        self._classes = Lister(config, *CLASSES)
        self._default = Derived(self._classes, _default_class)

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        pod = attributes.object
        if pod is None or attributes.resource != "pods" or attributes.subresource:
            return
        if attributes.operation == UPDATE:
            _keep_old_values(pod, attributes.old_object or {})
        else:
            await self._fill(attributes, pod["spec"])

    async def _fill(self, attributes: Attributes, spec: Object) -> None:
        name = spec.get("priorityClassName", "")
        value: int = 0
        policy: str | None = "PreemptLowerPriority"
        if name:
            cls = await self._classes.get("", name)
            if cls is None:
                raise new_forbidden(attributes, f"no PriorityClass with name {name} was found")
        else:
            cls = (await self._default.get()).cls
        if cls is not None:
            value, policy = cls.get("value", 0), cls.get("preemptionPolicy")
            spec["priorityClassName"] = cls["metadata"]["name"]
        own = spec.get("priority")
        computed = "priority admission controller computed"
        if own is not None and own != value:
            text = f"the integer value of priority ({own}) must not be provided in pod spec; {computed} {value}"
            raise new_forbidden(attributes, f"{text} from the given PriorityClass name")
        spec["priority"] = value
        if policy is None:
            return
        own = spec.get("preemptionPolicy")
        if own is not None and own != policy:
            text = f"the string value of PreemptionPolicy ({own}) must not be provided in pod spec; {computed} {policy}"
            raise new_forbidden(attributes, f"{text} from the given PriorityClass name")
        spec["preemptionPolicy"] = policy

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403 for a second default class."""
        cls = attributes.object
        if attributes.resource != "priorityclasses" or attributes.subresource or cls is None:
            return
        if not cls.get("globalDefault"):
            return
        default = (await self._default.get()).cls
        if default is None:
            return
        name = default["metadata"]["name"]
        if attributes.operation != UPDATE or name != cls["metadata"]["name"]:
            text = f"PriorityClass {name} is already marked as default. Only one default can exist"
            raise new_forbidden(attributes, text)


def _default_class(classes: list[Object]) -> _Default:
    """The default class; the lowest one when a race made several."""
    defaults = [c for c in classes if c.get("globalDefault")]
    return _Default(min(defaults, key=lambda c: c.get("value", 0), default=None))


def _keep_old_values(pod: Object, old: Object) -> None:
    """An update that leaves out what was computed here keeps it."""
    spec, old_spec = pod["spec"], old.get("spec") or {}
    for field in ("priority", "preemptionPolicy"):
        if spec.get(field) is None and old_spec.get(field) is not None:
            spec[field] = old_spec[field]
