"""Config -> CompletedConfig: what all members of the chain share, made from completed options.

Upstream: server.Config and its Complete(). Next: `chain.py`, which builds the members from it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.admission.chain import AdmissionChain
from kubern.endpoints.health import Health

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import TracerProvider

    from kubern.audit.auditor import Auditor
    from kubern.authentication.interface import Authenticator
    from kubern.authorization.interface import Authorizer
    from kubern.flowcontrol.controller import FlowController
    from kubern.metrics import ServerMetrics
    from kubern.options.options import CompletedOptions
    from kubern.plugins import Plugins
    from kubern.remote.client import RemoteClient
    from kubern.remote.kubeconfig import Endpoint
    from kubern.server import GenericAPIServer
    from kubern.storage_factory import StorageFactory

logger = logging.getLogger(__name__)


class Config:
    """What a server needs, not yet opened or connected."""

    def __init__(self, options: CompletedOptions, plugins: Plugins) -> None:
        self.options = options
        self.plugins = plugins

    async def complete(self) -> CompletedConfig:
        """Open the storage and build the authenticator, authorizer and admission chain."""
        from kubern.metrics.storage import ObjectCounts
        from kubern.options.etcd import EtcdOptions
        from kubern.storage_factory import open_storage_factory

        etcd = self.options.section(EtcdOptions)
        encryption = etcd.encryption()
        factory = await open_storage_factory(self.options, self.plugins.storage_backends(), encryption)
        config = CompletedConfig(self.options, self.plugins, factory)
        try:
            config.build()
            if encryption is not None and etcd.encryption_provider_config_automatic_reload:
                from kubern.storage.encryption.reload import reload_on_change

                reload = reload_on_change(encryption, Path(etcd.encryption_provider_config))
                config.tasks.spawn("encryption-config-reload", reload)
            if etcd.etcd_count_metric_poll_period:
                config.metrics.register(ObjectCounts(factory.counts))
        except BaseException:
            await factory.close()
            raise
        return config


class CompletedConfig:
    """The shared parts of a chain, open and connected; made by `Config.complete` only."""

    def __init__(self, options: CompletedOptions, plugins: Plugins, storage_factory: StorageFactory) -> None:
        from kubern.lifecycle import Lifecycle, Tasks
        from kubern.metrics import ServerMetrics

        self.options = options
        self.plugins = plugins
        self.storage_factory = storage_factory
        self.health = Health(self)
        self.metrics: ServerMetrics = ServerMetrics()
        self.tasks = Tasks()
        self.lifecycle = Lifecycle()
        self.authenticator: Authenticator
        self.authorizer: Authorizer
        self.auditor: Auditor | None = None
        self.flow_control: FlowController | None = None
        """Fed by the member that has the objects; None with --enable-priority-and-fairness=false."""
        self.admission = AdmissionChain()
        self.tracer_provider: TracerProvider | None = None
        self.outermost: GenericAPIServer
        self.secure_port = 0
        """The port that the server listens on, whatever --secure-port left open."""
        self.shared: dict[str, Any] = {}
        """What members and plugins offer each other by name (RBAC's rule resolver, the service allocator)."""
        self._closers: list[Callable[[], None]] = []
        self._group_listeners: list[Callable[[str], None]] = []

    def build(self) -> None:
        """Make what asks plugins' factories for their parts."""
        from kubern.admission.selection import build_admission
        from kubern.audit.build import build_auditor
        from kubern.authentication.union import build_authenticator
        from kubern.authorization.union import build_authorizer
        from kubern.options.auditing import AuditingOptions
        from kubern.options.egress_selector import EgressSelectorOptions
        from kubern.options.traces import TraceOptions

        control_plane = self.options.section(EgressSelectorOptions).control_plane
        self.authenticator = build_authenticator(self)
        self.authorizer = build_authorizer(self)
        self.auditor = build_auditor(self.options.section(AuditingOptions), self.tasks, control_plane)
        self.admission = build_admission(self)
        self._build_flow_control()
        self.tracer_provider = _tracer_provider(self.options.section(TraceOptions).tracing_config_file)

    def _build_flow_control(self) -> None:
        from kubern.options.features import FeatureOptions
        from kubern.options.generic import GenericOptions

        if not self.options.section(FeatureOptions).enable_priority_and_fairness:
            return
        from kubern.flowcontrol.controller import FlowController
        from kubern.flowcontrol.metrics import FlowControlCollector

        generic = self.options.section(GenericOptions)
        total = generic.max_requests_inflight + generic.max_mutating_requests_inflight
        self.flow_control = FlowController(total)
        self.metrics.register(FlowControlCollector(self.flow_control))

    def on_groups_changed(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the name of each group whose resources change (discovery, OpenAPI)."""
        self._group_listeners.append(listener)

    def on_close(self, close: Callable[[], None]) -> None:
        """Call `close` when the server ends, after background work: connections to other servers."""
        self._closers.append(close)

    def remote_client(self, endpoint: Endpoint) -> RemoteClient:
        """A client of another server of the control plane, reached as the egress selector says, closed at the end."""
        from kubern.options.egress_selector import EgressSelectorOptions
        from kubern.remote.client import RemoteClient

        dial = self.options.section(EgressSelectorOptions).control_plane
        client = RemoteClient(dataclasses.replace(endpoint, dial=dial))
        self.on_close(client.close)
        return client

    def groups_changed(self, group: str) -> None:
        """Tell the listeners that a group's resources changed."""
        for listener in self._group_listeners:
            listener(group)

    async def close(self) -> None:
        """Stop background work, then close the storage."""
        await self.tasks.close()
        for close in self._closers:
            close()
        if self.tracer_provider is not None:
            await asyncio.to_thread(self.tracer_provider.shutdown)
        await self.storage_factory.close()


def _tracer_provider(path: str) -> TracerProvider | None:
    """The tracer that --tracing-config-file asks for. Raises StartError."""
    if not path:
        return None
    from kubern.lifecycle import StartError
    from kubern.tracing.config import load_tracing_config

    try:
        from kubern.tracing.provider import make_tracer_provider
    except ImportError as error:
        raise StartError(f"--tracing-config-file: pip install 'kubern-core[tracing]' ({error})") from error
    return make_tracer_provider(load_tracing_config(path))
