"""The admission plugins in their order (upstream: admission.chainAdmissionHandler).

Which plugins concern a resource is looked up once per operation and resource: the others cost it nothing.
Next: `interface.py`, the plugins' contract.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.interface import MutationPlugin, ValidationPlugin
from kubern.admission.reinvocation import ReinvocationContext

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes

Step = Callable[["Attributes"], Awaitable[None]]
_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT")


class Steps(NamedTuple):
    """What is called for one operation on one resource, in order."""

    admit: tuple[Step, ...]
    validate: tuple[Step, ...]


class AdmissionChain:
    """Runs `admit` of every mutating plugin, later `validate` of every validating one, in order."""

    def __init__(self, plugins: Iterable[tuple[str, Any]] = ()) -> None:
        self.plugins = list(plugins)
        self._by_resource: dict[tuple[str, str, str], Steps] = {}
        self._mutates = {
            o: any(isinstance(p, MutationPlugin) and p.handles(o) for _, p in self.plugins) for o in _OPERATIONS
        }
        self._validates = {
            o: any(isinstance(p, ValidationPlugin) and p.handles(o) for _, p in self.plugins) for o in _OPERATIONS
        }

    def mutates(self, operation: str) -> bool:
        return self._mutates[operation]

    def validates(self, operation: str) -> bool:
        return self._validates[operation]

    async def admit(self, attributes: Attributes) -> None:
        """Let plugins change `attributes.object`; once more for those that asked for it (see `reinvocation.py`).

        Raises StatusError when one refuses.
        """
        steps = self._steps(attributes).admit
        if not steps:
            return
        reinvocation = attributes.reinvocation = ReinvocationContext()
        for admit in steps:
            await admit(attributes)
        if reinvocation.should_reinvoke:
            reinvocation.is_reinvoke = True
            for admit in steps:
                await admit(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Ask every plugin. Raises StatusError when one refuses."""
        for validate in self._steps(attributes).validate:
            await validate(attributes)

    def _steps(self, attributes: Attributes) -> Steps:
        key = (attributes.operation, attributes.group, attributes.resource)
        steps = self._by_resource.get(key)
        if steps is None:
            steps = self._by_resource[key] = self._choose(*key)
        return steps

    def _choose(self, operation: str, group: str, resource: str) -> Steps:
        chosen = [p for _, p in self.plugins if p.handles(operation) and _concerns(p, group, resource)]
        return Steps(
            tuple(p.admit for p in chosen if isinstance(p, MutationPlugin)),
            tuple(p.validate for p in chosen if isinstance(p, ValidationPlugin)),
        )


def _concerns(plugin: Any, group: str, resource: str) -> bool:
    resources = getattr(plugin, "resources", None)
    return resources is None or (group, resource) in resources
