#!/usr/bin/env python3
"""Write the objects that a kube-apiserver makes for itself into the kubeapi package.

    scripts/build_bootstrap_data.py LISTS

LISTS is a folder of lists recorded from a fresh kube-apiserver (`kubectl get -o json`): bootstrap-clusterroles.json,
bootstrap-clusterrolebindings.json, bootstrap-roles.json, bootstrap-rolebindings.json, bootstrap-priorityclasses.json,
bootstrap-flowschemas.json, bootstrap-prioritylevels.json. What the server sets itself (uid, times, ownership, status)
is left out. Next: `kubern_kubeapi/controllers/bootstrap_objects.py`, which reads the result.
"""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

TARGET = pathlib.Path(__file__).resolve().parent.parent / "plugins/kubeapi/src/kubern_kubeapi/bootstrap_data"
KEPT_META = ("name", "namespace", "labels", "annotations")
FILES = {
    "rbac": ("clusterroles", "clusterrolebindings", "roles", "rolebindings"),
    "scheduling": ("priorityclasses",),
    "flowcontrol": ("flowschemas", "prioritylevels"),
}
PLURALS = {"prioritylevels": "prioritylevelconfigurations"}


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """An object without what the server sets."""
    meta = {k: item["metadata"][k] for k in KEPT_META if k in item["metadata"]}
    rest = {k: v for k, v in item.items() if k not in ("metadata", "status", "kind", "apiVersion")}
    return {"metadata": meta, **rest}


def main() -> None:
    source = pathlib.Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, lists in FILES.items():
        content = {
            PLURALS.get(plural, plural): [
                bare(item) for item in json.loads((source / f"bootstrap-{plural}.json").read_text())["items"]
            ]
            for plural in lists
        }
        text = json.dumps(content, indent=1, sort_keys=True)
        (TARGET / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
