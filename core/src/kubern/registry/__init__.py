"""The generic registry: one store for every resource, steered by a `Strategy` per kind (upstream: apiserver/pkg/registry)."""
