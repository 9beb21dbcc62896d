"""Flags that kube-apiserver does not have: the data directory and plugins."""

from __future__ import annotations

import dataclasses

from kubern.options.values import Strings


@dataclasses.dataclass
class KubernOptions:
    """What is kubern's own: the data directory, plugins, where flags may come from."""

    config: str = ""
    """YAML or TOML file with flags by name. Flags on the command line win over environment variables (KUBERN_ and the
    name: KUBERN_SECURE_PORT), these over the file."""

    data_dir: str = ""
    """Directory for everything the server keeps: the embedded store, keys and certificates, admin.kubeconfig. Not
    given: kubern in $XDG_DATA_HOME or ~/.local/share."""

    disable_plugins: Strings = ()
    """Plugins to leave out, by the names that `kubern plugins` lists, comma separated."""

    plugins_dir: str = ""
    """Directory whose .py files are loaded as plugins too, each under its file's name."""

    controllers: Strings = ()
    """Controllers to run beside the API server, which has none by itself: `namespace` empties terminating namespaces,
    `garbage-collector` follows owner references, `clusterrole-aggregation` fills aggregated cluster roles,
    `validatingadmissionpolicy-status` checks policies' types; `*` is all of them, `-NAME` takes one out."""
