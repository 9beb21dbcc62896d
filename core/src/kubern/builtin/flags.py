"""Core's sections of flags, in the order of help. Next: `../options/generic.py`, the first of them."""

from __future__ import annotations

from kubern.contributions import FlagSection
from kubern.hookspecs import hookimpl
from kubern.options.admission import AdmissionOptions
from kubern.options.api_enablement import APIEnablementOptions
from kubern.options.auditing import AuditingOptions
from kubern.options.authentication import AuthenticationOptions
from kubern.options.authorization import AuthorizationOptions
from kubern.options.cloud_provider import CloudProviderOptions
from kubern.options.egress_selector import EgressSelectorOptions
from kubern.options.etcd import EtcdOptions
from kubern.options.everywhere import GlobalOptions
from kubern.options.features import FeatureOptions
from kubern.options.generic import GenericOptions
from kubern.options.insecure_serving import InsecureServingOptions
from kubern.options.kubern import KubernOptions
from kubern.options.logs import LogOptions
from kubern.options.metrics import MetricsOptions
from kubern.options.misc import MiscOptions
from kubern.options.secure_serving import SecureServingOptions
from kubern.options.traces import TraceOptions


@hookimpl
def kubern_register_flag_sections() -> list[FlagSection]:
    return [
        FlagSection("kubern", 100, KubernOptions),
        FlagSection("generic", 200, GenericOptions),
        FlagSection("etcd", 300, EtcdOptions),
        FlagSection("secure serving", 400, SecureServingOptions),
        FlagSection("insecure serving", 500, InsecureServingOptions),
        FlagSection("auditing", 600, AuditingOptions),
        FlagSection("features", 700, FeatureOptions),
        FlagSection("authentication", 800, AuthenticationOptions),
        FlagSection("authorization", 900, AuthorizationOptions),
        FlagSection("cloud provider", 1000, CloudProviderOptions),
        FlagSection("api enablement", 1100, APIEnablementOptions),
        FlagSection("egress selector", 1200, EgressSelectorOptions),
        FlagSection("admission", 1300, AdmissionOptions),
        FlagSection("metrics", 1400, MetricsOptions),
        FlagSection("logs", 1500, LogOptions),
        FlagSection("traces", 1600, TraceOptions),
        FlagSection("misc", 1700, MiscOptions),
        FlagSection("global", 10000, GlobalOptions),
    ]
