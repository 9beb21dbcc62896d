"""Go's internal types of the autoscaling group, as annotations carry them. Next: `../gostruct.py`."""

from __future__ import annotations

from kubern_kubeapi.groups.gostruct import Catalog

AUTOSCALING_TYPES = Catalog(
    """
    HorizontalPodAutoscalerBehavior ScaleUp:*HPAScalingRules ScaleDown:*HPAScalingRules
    HPAScalingRules StabilizationWindowSeconds:- SelectPolicy:- Policies:[]HPAScalingPolicy Tolerance:-
    HPAScalingPolicy Type Value:i PeriodSeconds:i
    """
)
