"""Config -> CompletedConfig: what all members of the chain share, made from completed options.

Upstream: server.Config and its Complete(). Next: `chain.py`, which builds the members from it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.admission.chain import AdmissionChain
from kubern.endpoints.health import Health
from kubern.storage_factory import StorageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubern.audit.auditor import Auditor
    from kubern.authentication.interface import Authenticator
    from kubern.authorization.interface import Authorizer
    from kubern.flowcontrol.controller import FlowController
    from kubern.metrics import RequestMetrics
    from kubern.options.options import CompletedOptions
    from kubern.plugins import Plugins
    from kubern.server import GenericAPIServer

logger = logging.getLogger(__name__)


class Config:
    """What a server needs, not yet opened or connected."""

    def __init__(self, options: CompletedOptions, plugins: Plugins) -> None:
        self.options = options
        self.plugins = plugins

    async def complete(self) -> CompletedConfig:
        """Open the storage and build the authenticator, authorizer and admission chain."""
        from kubern.options.etcd import EtcdOptions

        etcd = self.options.section(EtcdOptions)
        backends = {b.name: b for b in self.plugins.storage_backends()}
        store = await backends[etcd.storage_backend or "sqlite"].open(self.options)
        encryption = etcd.encryption()
        factory = StorageFactory(
            store,
            prefix=etcd.etcd_prefix,
            garbage_collection=etcd.enable_garbage_collector,
            transformers=encryption.transformer_for if encryption is not None else None,
        )
        config = CompletedConfig(self.options, self.plugins, factory)
        try:
            config.build()
            if encryption is not None and etcd.encryption_provider_config_automatic_reload:
                from kubern.storage.encryption.reload import reload_on_change

                reload = reload_on_change(encryption, Path(etcd.encryption_provider_config))
                config.tasks.spawn("encryption-config-reload", reload)
        except BaseException:
            await store.close()
            raise
        return config


class CompletedConfig:
    """The shared parts of a chain, open and connected; made by `Config.complete` only."""

    def __init__(self, options: CompletedOptions, plugins: Plugins, storage_factory: StorageFactory) -> None:
        from kubern.lifecycle import Tasks
        from kubern.metrics import RequestMetrics

        self.options = options
        self.plugins = plugins
        self.storage_factory = storage_factory
        self.health = Health(self)
        self.metrics: RequestMetrics = RequestMetrics()
        self.tasks = Tasks()
        self.authenticator: Authenticator
        self.authorizer: Authorizer
        self.auditor: Auditor | None = None
        self.flow_control: FlowController | None = None
        """Fed by the member that has the objects; None with --enable-priority-and-fairness=false."""
        self.admission = AdmissionChain()
        self.outermost: GenericAPIServer
        self.secure_port = 0
        """The port that the server listens on, whatever --secure-port left open."""
        self.shared: dict[str, Any] = {}
        """What members and plugins offer each other by name (RBAC's rule resolver, the service allocator)."""
        self._group_listeners: list[Callable[[str], None]] = []

    def build(self) -> None:
        """Make what asks plugins' factories for their parts."""
        from kubern.admission.selection import build_admission
        from kubern.audit.build import build_auditor
        from kubern.authentication.union import build_authenticator
        from kubern.authorization.union import build_authorizer
        from kubern.options.auditing import AuditingOptions

        self.authenticator = build_authenticator(self)
        self.authorizer = build_authorizer(self)
        self.auditor = build_auditor(self.options.section(AuditingOptions), self.tasks)
        self.admission = build_admission(self)
        self._build_flow_control()

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
        self.metrics.registry.register(FlowControlCollector(self.flow_control))

    def on_groups_changed(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the name of each group whose resources change (discovery, OpenAPI)."""
        self._group_listeners.append(listener)

    def groups_changed(self, group: str) -> None:
        """Tell the listeners that a group's resources changed."""
        for listener in self._group_listeners:
            listener(group)

    async def close(self) -> None:
        """Stop background work, then close the storage."""
        await self.tasks.close()
        await self.storage_factory.close()
