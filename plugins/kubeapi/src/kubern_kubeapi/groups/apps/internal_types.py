"""Go's internal types of the apps group, as far as messages show them. Next: `../gostruct.py`."""

from __future__ import annotations

from kubern_kubeapi.groups.gostruct import Catalog

APPS_TYPES = Catalog(
    """
    DeploymentStrategy Type RollingUpdate:*RollingUpdateDeployment
    RollingUpdateDeployment MaxUnavailable:i MaxSurge:i
    DaemonSetUpdateStrategy Type RollingUpdate:*RollingUpdateDaemonSet
    RollingUpdateDaemonSet MaxUnavailable:i MaxSurge:i
    StatefulSetUpdateStrategy Type RollingUpdate:*RollingUpdateStatefulSetStrategy
    RollingUpdateStatefulSetStrategy Partition:i MaxUnavailable:-
    """
)
