"""Go's internal types of the batch group, as far as messages show them. Next: `../gostruct.py`."""

from __future__ import annotations

from kubern_kubeapi.groups.gostruct import Catalog

BATCH_TYPES = Catalog(
    """
    PodFailurePolicy Rules:[]PodFailurePolicyRule
    PodFailurePolicyRule Action OnExitCodes:*PodFailurePolicyOnExitCodesRequirement OnPodConditions:[]PodFailurePolicyOnPodConditionsPattern
    PodFailurePolicyOnExitCodesRequirement ContainerName:- Operator Values:-
    PodFailurePolicyOnPodConditionsPattern Type Status
    SuccessPolicy Rules:[]SuccessPolicyRule
    SuccessPolicyRule SucceededIndexes:- SucceededCount:-
    UncountedTerminatedPods Succeeded:- Failed:-
    """
)
