"""What Go's http client calls the failures of connections, since the words end in answers and conditions."""

from __future__ import annotations

import ssl


def join_host_port(host: str, port: int) -> str:
    """host:port, brackets around IPv6 (upstream: net.JoinHostPort)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def connection_error_text(error: BaseException, host: str, port: int) -> str:
    """`error` of connecting to or talking with host:port, as Go says it."""
    if isinstance(error, ConnectionRefusedError):
        return f"dial tcp {join_host_port(host, port)}: connect: connection refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls: failed to verify certificate: " + verification_text(error)
    if isinstance(error, ssl.SSLError):
        return f"remote error: tls: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, ConnectionResetError):
        return f"read tcp {join_host_port(host, port)}: read: connection reset by peer"
    if isinstance(error, TimeoutError):
        return f"dial tcp {join_host_port(host, port)}: i/o timeout"
    if isinstance(error, OSError) and error.strerror:
        if error.strerror.startswith(("Name or service", "nodename", "No address")):
            return f"dial tcp: lookup {host}: no such host"
        return f"dial tcp {join_host_port(host, port)}: connect: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def verification_text(error: ssl.SSLCertVerificationError) -> str:
    """Why a server's certificate was not believed, as Go's x509 says it."""
    message = error.verify_message
    if "self-signed" in message or "unable to get" in message:
        return "x509: certificate signed by unknown authority"
    if "expired" in message:
        return "x509: certificate has expired or is not yet valid"
    if "Hostname mismatch" in message or "IP address mismatch" in message:
        return "x509: certificate is not valid for any names, but wanted to match " + message.split("'")[1]
    return f"x509: {message}"
