"""Schemas of the built-in kinds and the scheme of all kinds that kube-apiserver knows by name."""

from kubern_kubeapi.schema.definitions import definitions as definitions
from kubern_kubeapi.schema.definitions import schema_for as schema_for
