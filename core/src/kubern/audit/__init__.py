"""What happened: audit events, policy and backends (upstream: apiserver/pkg/audit)."""
