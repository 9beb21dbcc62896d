"""Write `groups/column_texts.py`: the descriptions of table columns that are the description of an API field.

    python make_column_texts.py DIR

DIR holds a server's OpenAPI v3 documents (/openapi/v3/..., one JSON file per group-version). The fields are
those that the groups name in `described("Column", "core.v1.ServiceSpec.ports")`.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys

GROUPS = pathlib.Path(__file__).resolve().parents[1] / "src/kubern_kubeapi/groups"
USE = re.compile(r'described\(\s*"[^"]*",\s*"([^"]+)"')
HEADER = '''"""Descriptions of API fields that table columns repeat. Written by scripts/make_column_texts.py; next: `columns.py`."""

from __future__ import annotations

TEXTS = {
'''


def used() -> list[str]:
    """The fields that the groups' modules name, sorted."""
    return sorted({m for path in GROUPS.rglob("*.py") for m in USE.findall(path.read_text())})


def descriptions(folder: pathlib.Path) -> dict[str, str]:
    """Field (`core.v1.ServiceSpec.ports`) to its text, without the list of enum values that OpenAPI appends."""
    out = {}
    for path in folder.glob("*.json"):
        for name, node in json.loads(path.read_text()).get("components", {}).get("schemas", {}).items():
            for key, prop in node.get("properties", {}).items():
                text = prop.get("description", "").split("\n\nPossible enum values:")[0]
                out[".".join(name.split(".")[-3:]) + "." + key] = text
    return out


def main() -> None:
    texts = descriptions(pathlib.Path(sys.argv[1]))
    lines = [f"    {json.dumps(key)}: {json.dumps(texts[key])},\n" for key in used()]
    (GROUPS / "column_texts.py").write_text(HEADER + "".join(lines) + "}\n")


if __name__ == "__main__":
    main()
