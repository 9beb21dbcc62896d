"""The Namespace kind: core's own declaration with this member's schema. Next: `kubern/builtin/namespaces.py`."""

from __future__ import annotations

from kubern.builtin.namespaces import namespace_resource
from kubern_kubeapi.groups.declare import schema

RESOURCE = namespace_resource(schema("", "v1", "Namespace"))
