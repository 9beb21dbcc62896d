"""Plugins of scheduling.k8s.io/v1alpha2: PodGroupProtection, PodGroupWorkloadExists and JobValidation.

kube-apiserver has them on by default, where they wait for the alpha gates GenericWorkload and WorkloadWithJob. Here
they have their names and places, so that flags may name them; the alpha kinds that they look after are not served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class _Waiting(Handler):
    """Handles nothing, because the kinds that concern it are not served."""

    operations = ()

    def __init__(self, _config: CompletedConfig) -> None:
        pass


class PodGroupProtection(_Waiting):
    """Keeps pod groups while pods belong to them."""


class PodGroupWorkloadExists(_Waiting):
    """Refuses pod groups of workloads that do not exist."""


class JobValidation(_Waiting):
    """Refuses jobs that contradict their workload."""
