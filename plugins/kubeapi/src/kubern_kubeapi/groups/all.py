"""All built-in API groups in the order of their group priority. Next: `apps/group.py`, for one."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.admissionregistration.group import GROUP as ADMISSIONREGISTRATION
from kubern_kubeapi.groups.apps.group import GROUP as APPS
from kubern_kubeapi.groups.authentication.group import GROUP as AUTHENTICATION
from kubern_kubeapi.groups.authorization.group import GROUP as AUTHORIZATION
from kubern_kubeapi.groups.autoscaling.group import GROUP as AUTOSCALING
from kubern_kubeapi.groups.batch.group import GROUP as BATCH
from kubern_kubeapi.groups.certificates.group import GROUP as CERTIFICATES
from kubern_kubeapi.groups.coordination.group import GROUP as COORDINATION
from kubern_kubeapi.groups.core.group import GROUP as CORE
from kubern_kubeapi.groups.discovery.group import GROUP as DISCOVERY
from kubern_kubeapi.groups.events.group import GROUP as EVENTS
from kubern_kubeapi.groups.flowcontrol.group import GROUP as FLOWCONTROL
from kubern_kubeapi.groups.networking.group import GROUP as NETWORKING
from kubern_kubeapi.groups.node.group import GROUP as NODE
from kubern_kubeapi.groups.policy.group import GROUP as POLICY
from kubern_kubeapi.groups.rbac.group import GROUP as RBAC
from kubern_kubeapi.groups.resource.group import GROUP as RESOURCE
from kubern_kubeapi.groups.scheduling.group import GROUP as SCHEDULING
from kubern_kubeapi.groups.storage.group import GROUP as STORAGE

API_GROUPS: tuple[APIGroupInfo, ...] = (
    CORE,
    APPS,
    EVENTS,
    AUTHENTICATION,
    AUTHORIZATION,
    AUTOSCALING,
    BATCH,
    CERTIFICATES,
    NETWORKING,
    POLICY,
    RBAC,
    STORAGE,
    ADMISSIONREGISTRATION,
    SCHEDULING,
    COORDINATION,
    NODE,
    DISCOVERY,
    RESOURCE,
    FLOWCONTROL,
)
