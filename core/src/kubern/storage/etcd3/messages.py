"""etcd's messages as protobuf classes in a pool of their own; next: `channels.py`.

Built from descriptors at run time instead of generated code: no version check against the protobuf runtime, no
name clash with other etcd stubs in the process, and the same speed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "kubern.etcd"


@cache
def message_classes() -> dict[str, Any]:
    """Message classes by their name in etcd.proto."""
    pool = descriptor_pool.DescriptorPool()
    data = files(__package__).joinpath("etcd.pb").read_bytes()
    names: list[str] = []
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
        names += [message.name for message in file.message_type]
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in names}
