"""Make etcd.pb, the serialized descriptors the etcd store builds its message classes from, out of etcd.proto.

Needs grpcio-tools (`uv run --with grpcio-tools scripts/build_etcd_descriptors.py`).
"""

from __future__ import annotations

from pathlib import Path

from grpc_tools import protoc

FOLDER = Path(__file__).parent.parent / "core/src/kubern/storage/etcd3"


def main() -> None:
    out = FOLDER / "etcd.pb"
    status = protoc.main(["protoc", f"-I{FOLDER}", f"--descriptor_set_out={out}", str(FOLDER / "etcd.proto")])
    if status:
        raise SystemExit(status)
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
