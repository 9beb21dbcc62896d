"""Flags about services, nodes, events and the control plane (upstream: controlplane options, "misc")."""

from __future__ import annotations

import dataclasses
import ipaddress

from kubern.options.section import flag
from kubern.options.values import Duration, PortRange, Ports, Strings

RECONCILERS = ("lease", "master-count", "none")
TUNNELS = "ssh tunnels to nodes were dropped in 1.22"
NO_ELECTION = "leaders are not elected for others: the gate CoordinatedLeaderElection is off"
NO_PEERS = "requests are not passed on to other API servers: every one serves the same versions"
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclasses.dataclass
class MiscOptions:
    """Services, nodes, events, and how control-plane members work together."""

    aggregator_reject_forwarding_redirect: bool = True
    """Do not pass redirects of extension API servers on to clients."""

    allow_privileged: bool = False
    """Allow privileged containers. Not given: they are allowed; false forbids them."""

    coordinated_leadership_lease_duration: Duration = flag(15, no_effect=NO_ELECTION)
    """How long candidates wait before they take over a leadership that was not renewed."""

    coordinated_leadership_renew_deadline: Duration = flag(10, no_effect=NO_ELECTION)
    """How long a leader tries to renew before it gives up."""

    coordinated_leadership_retry_period: Duration = flag(2, no_effect=NO_ELECTION)
    """How long to wait between attempts to become or stay leader."""

    enable_aggregator_routing: bool = False
    """Reach extension API servers at their endpoints instead of their service's cluster IP."""

    enable_logs_handler: bool = flag(False, deprecated="read the log where the server's supervisor keeps it")
    """Serve the files below /var/log at /logs."""

    endpoint_reconciler_type: str = "lease"
    """How the endpoints of the service kubernetes are kept: lease, master-count or none."""

    event_ttl: Duration = 3600
    """How long events are kept."""

    kubelet_certificate_authority: str = ""
    """File with the CAs that kubelets' certificates are checked against."""

    kubelet_client_certificate: str = ""
    """Client certificate file for kubelets."""

    kubelet_client_key: str = ""
    """Client key file for kubelets."""

    kubelet_preferred_address_types: Strings = ("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
    """Types of node addresses to reach kubelets at, in order of preference."""

    kubelet_timeout: Duration = 5
    """How long it may take until a kubelet has accepted a connection."""

    kubernetes_service_node_port: int = 0
    """Make the service kubernetes one of type NodePort with this port. 0: of type ClusterIP."""

    max_connection_bytes_per_sec: int = 0
    """Bytes per second for each connection of a long-running request to a node or pod. 0: no limit."""

    peer_advertise_ip: str = flag("", no_effect=NO_PEERS)
    """The IP address that other API servers reach this one at to pass requests on. Empty: the advertise address."""

    peer_advertise_port: str = flag("", no_effect=NO_PEERS)
    """The port that other API servers reach this one at to pass requests on. Empty: --secure-port."""

    peer_ca_file: str = flag("", no_effect=NO_PEERS)
    """File with the CAs that other API servers' certificates are checked against when requests are passed on."""

    proxy_client_cert_file: str = ""
    """Client certificate file for extension API servers and webhooks, signed by a CA of
    --requestheader-client-ca-file. Not given: a certificate is made and kept in --data-dir."""

    proxy_client_key_file: str = ""
    """Client key file for extension API servers and webhooks."""

    service_account_signing_endpoint: str = ""
    """Unix socket of an external signer of service account tokens. Not supported: the start fails with it."""

    service_account_signing_key_file: str = ""
    """File with the private key that signs service account tokens. Not given: a key is made and kept in
    --data-dir."""

    service_cluster_ip_range: str = ""
    """IP range in CIDR notation that service cluster IPs are taken from; two, comma separated, for dual stack. Not
    given: 10.0.0.0/24."""

    service_node_port_range: Ports = PortRange(30000, 32767)
    """Ports for services of type NodePort, both ends included."""

    apiserver_count: int = flag(1, upstream="1.12", deprecated="use --endpoint-reconciler-type=lease")
    """How many API servers run in the cluster, for --endpoint-reconciler-type=master-count."""

    kubelet_https: bool = flag(True, upstream="1.12", no_effect="kubelets are always reached over https")
    """Use https for kubelets."""

    kubelet_port: int = flag(10250, upstream="1.12", deprecated="the port in the node's status is used when it has one")
    """The port of kubelets."""

    kubelet_read_only_port: int = flag(10255, upstream="1.12", no_effect="the read-only port is never used")
    """The read-only port of kubelets."""

    repair_malformed_updates: bool = flag(False, upstream="1.12", no_effect="updates without a UID are always allowed")
    """Fill in the UID of updates that lack it."""

    ssh_keyfile: str = flag("", upstream="1.12", no_effect=TUNNELS)
    """Key file for ssh tunnels to nodes."""

    ssh_user: str = flag("", upstream="1.12", no_effect=TUNNELS)
    """User name for ssh tunnels to nodes."""

    def service_ranges(self) -> tuple[IPNetwork, ...]:
        """--service-cluster-ip-range parsed. Raises ValueError."""
        texts = [text.strip() for text in self.service_cluster_ip_range.split(",") if text.strip()]
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)

    def validate(self) -> list[str]:
        problems = self._service_range_problems()
        if self.endpoint_reconciler_type not in RECONCILERS:
            problems.append(
                f"--endpoint-reconciler-type: {self.endpoint_reconciler_type!r} must be one of {', '.join(RECONCILERS)}"
            )
        if self.apiserver_count < 1:
            problems.append(f"--apiserver-count: {self.apiserver_count} must be positive")
        if self.event_ttl < 0:
            problems.append("--event-ttl: must not be negative")
        first, last = self.service_node_port_range
        node_port = self.kubernetes_service_node_port
        if not 0 <= node_port <= 65535:
            problems.append(f"--kubernetes-service-node-port: {node_port} must be from 0 to 65535")
        elif node_port and not first <= node_port <= last:
            problems.append(f"--kubernetes-service-node-port: {node_port} must be within {first}-{last}")
        for first_flag, second_flag in (
            ("proxy_client_cert_file", "proxy_client_key_file"),
            ("kubelet_client_certificate", "kubelet_client_key"),
        ):
            if bool(getattr(self, first_flag)) != bool(getattr(self, second_flag)):
                names = " and ".join(f"--{name.replace('_', '-')}" for name in (first_flag, second_flag))
                problems.append(f"{names}: must be given together")
        if self.service_account_signing_endpoint:
            problems.append(
                "--service-account-signing-endpoint: external signers are not supported, give "
                "--service-account-signing-key-file"
            )
        return problems

    def _service_range_problems(self) -> list[str]:
        name = "--service-cluster-ip-range"
        try:
            ranges = self.service_ranges()
        except ValueError:
            return [f"{name}: {self.service_cluster_ip_range!r} must be a CIDR such as 10.0.0.0/24, or two of them"]
        problems = []
        if len(ranges) > 2:
            problems.append(f"{name}: {self.service_cluster_ip_range!r} must not hold more than two ranges")
        elif len(ranges) == 2 and ranges[0].version == ranges[1].version:
            problems.append(f"{name}: two ranges must be of different IP families")
        for network in ranges:
            if network.num_addresses < 8:
                problems.append(f"{name}: {network} must hold at least 8 IP addresses")
            if network.version == 6 and network.prefixlen < 64:
                problems.append(f"{name}: {network} is too large, the prefix must be /64 or longer")
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        names = (
            "kubelet_certificate_authority", "kubelet_client_certificate", "kubelet_client_key", "peer_ca_file",
            "proxy_client_cert_file", "proxy_client_key_file", "service_account_signing_key_file",
        )  # fmt: skip
        return {f"--{name.replace('_', '-')}": getattr(self, name) for name in names}
