"""Flags of storage: where objects are kept and how they are cached (upstream: options.EtcdOptions)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from kubern.options.section import flag
from kubern.options.values import Duration, Strings

if TYPE_CHECKING:
    from kubern.storage.encryption.config import EncryptionConfig

CACHED_ENCODED = "the watch cache keeps encoded objects, which are never decoded twice"


@dataclasses.dataclass
class EtcdOptions:
    """Where objects are kept and how they are cached."""

    delete_collection_workers: int = 1
    """How many objects a deletecollection request deletes at once."""

    enable_garbage_collector: bool = True
    """Honour orphan and foreground deletion. The garbage collector itself runs in the kubeapi member."""

    encryption_provider_config: str = ""
    """File with the providers that encrypt resources at rest (apiserver.config.k8s.io/v1 EncryptionConfiguration)."""

    encryption_provider_config_automatic_reload: bool = False
    """Read --encryption-provider-config again whenever it changes."""

    etcd_cafile: str = ""
    """File with the CAs that etcd servers' certificates are checked against."""

    etcd_certfile: str = ""
    """Client certificate file for etcd."""

    etcd_compaction_interval: Duration = 300
    """How often history older than that is compacted. 0: never by this server."""

    etcd_count_metric_poll_period: Duration = 60
    """0: the number of stored objects per resource is not among the metrics. Otherwise it is counted whenever metrics
    are asked for, so it is never old."""

    etcd_db_metric_poll_interval: Duration = 30
    """How often the size of the database is asked for metrics. 0: never."""

    etcd_healthcheck_timeout: Duration = 2
    """How long the etcd check of /livez and /healthz may take."""

    etcd_keyfile: str = ""
    """Client key file for etcd."""

    etcd_prefix: str = "/registry"
    """What all keys in storage start with."""

    etcd_readycheck_timeout: Duration = 2
    """How long the etcd check of /readyz may take."""

    etcd_servers: Strings = ()
    """URLs of the etcd servers (scheme://host:port), comma separated. Setting it chooses --storage-backend=etcd3."""

    etcd_servers_overrides: Strings = ()
    """Other etcd servers for single resources: group/resource#servers, comma separated, the servers of one resource
    separated by semicolons."""

    lease_reuse_duration_seconds: int = 60
    """How long one etcd lease is given to new keys with the same time to live; short times are exact, long ones
    cheap."""

    storage_backend: str = ""
    """The storage engine: sqlite (embedded, in --data-dir; the default), etcd3 (the default with --etcd-servers),
    memory (gone at exit), or one that a plugin brings."""

    storage_media_type: str = flag(
        "application/vnd.kubernetes.protobuf", no_effect="objects are kept as JSON, which is served as it is"
    )
    """How built-in objects are encoded in etcd: application/json or application/vnd.kubernetes.protobuf."""

    watch_cache: bool = flag(True, no_effect="reads are as new as storage, so nothing is gained without the cache")
    """Serve reads and watches from memory."""

    watch_cache_sizes: Strings = ()
    """How many past events single resources remember at least: resource[.group]#size, comma separated. Beyond that
    sizes adapt to the rate of changes: those of the last 75 seconds are kept. 0: no more than these."""

    default_watch_cache_size: int = flag(100, upstream="1.12", deprecated="caches size themselves")
    """How many past events a resource that --watch-cache-sizes does not name remembers at least."""

    deserialization_cache_size: int = flag(0, upstream="1.12", no_effect=CACHED_ENCODED)
    """How many decoded objects to keep in memory."""

    experimental_encryption_provider_config: str = flag(
        "", upstream="1.12", deprecated="use --encryption-provider-config"
    )
    """The former name of --encryption-provider-config."""

    storage_versions: str = flag("", upstream="1.12", no_effect="every resource has one storage version")
    """The versions to store objects in: group/version, comma separated."""

    def validate(self) -> list[str]:
        problems = []
        if self.etcd_compaction_interval < 0:
            problems.append("--etcd-compaction-interval: must not be negative")
        if self.delete_collection_workers < 1:
            problems.append("--delete-collection-workers: must be at least 1")
        if self.storage_backend == "etcd3" and not self.etcd_servers:
            problems.append("--etcd-servers: must be given with --storage-backend=etcd3")
        if self.etcd_servers and self.storage_backend in ("sqlite", "memory"):
            problems.append(f"--etcd-servers: not used by --storage-backend={self.storage_backend}, give etcd3")
        if self.storage_media_type not in ("application/json", "application/vnd.kubernetes.protobuf", ""):
            problems.append(
                f"--storage-media-type: {self.storage_media_type!r} must be application/json or "
                "application/vnd.kubernetes.protobuf"
            )
        if bool(self.etcd_certfile) != bool(self.etcd_keyfile):
            problems.append("--etcd-certfile and --etcd-keyfile: must be given together")
        if self.encryption_provider_config_automatic_reload and not self.encryption_provider_config:
            problems.append(
                "--encryption-provider-config-automatic-reload: must be given with --encryption-provider-config"
            )
        return problems + self._encryption_problems() + self._overrides_problems() + self._cache_size_problems()

    def encryption(self) -> EncryptionConfig | None:
        """The rules of --encryption-provider-config, None without it. Raises EncryptionConfigError."""
        path = self.encryption_provider_config
        if not path:
            return None
        from kubern.storage.encryption.config import load_encryption_config

        return load_encryption_config(Path(path))

    def _encryption_problems(self) -> list[str]:
        if not Path(self.encryption_provider_config).is_file():
            return []  # said by `file_flags`
        from kubern.storage.encryption.config import EncryptionConfigError

        try:
            self.encryption()
        except EncryptionConfigError as error:
            return [f"--encryption-provider-config: {problem}" for problem in error.problems]
        return []

    def _overrides_problems(self) -> list[str]:
        wrong = [text for text in self.etcd_servers_overrides if text.count("#") != 1 or "/" not in text.split("#")[0]]
        return [f"--etcd-servers-overrides: {text!r} must be group/resource#servers" for text in wrong]

    def _cache_size_problems(self) -> list[str]:
        problems = []
        for text in self.watch_cache_sizes:
            resource, _, size = text.partition("#")
            if not resource or not size.isdigit():
                problems.append(f"--watch-cache-sizes: {text!r} must be resource[.group]#size, the size not negative")
        return problems

    def cache_sizes(self) -> dict[str, int]:
        """--watch-cache-sizes as a map from `resource` or `resource.group` to size."""
        pairs = (text.partition("#") for text in self.watch_cache_sizes)
        return {resource: int(size) for resource, _, size in pairs if size.isdigit()}

    def server_overrides(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """--etcd-servers-overrides as a map from (group, resource) to servers."""
        found = {}
        for text in self.etcd_servers_overrides:
            group_resource, _, servers = text.partition("#")
            group, _, resource = group_resource.partition("/")
            found[group, resource] = tuple(server for server in servers.split(";") if server)
        return found

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        names = ("etcd_cafile", "etcd_certfile", "etcd_keyfile", "encryption_provider_config")
        return {f"--{name.replace('_', '-')}": getattr(self, name) for name in names}
