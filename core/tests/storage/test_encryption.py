"""Encryption at rest: kube-apiserver's file and formats."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from kubern.storage.cacher import Cacher, ValueCodec
from kubern.storage.encryption.config import EncryptionConfigError, load_encryption_config, parse_encryption_config
from kubern.storage.encryption.reload import reload_on_change
from kubern.storage.errors import CorruptValue
from kubern.storage.memory import MemoryStore
from kubern.testing.waiting import until

KEY = "/registry/secrets/default/a"
RAW = bytes(range(32))
SECRET = base64.b64encode(RAW).decode()
VALUE = b'{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"default"},"data":{"k":"dg=="}}'


def keys(*names: str, secret: str = SECRET) -> dict[str, Any]:
    return {"keys": [{"name": name, "secret": secret} for name in names]}


def rule(*providers: dict[str, Any], resources: tuple[str, ...] = ("secrets",)) -> dict[str, Any]:
    return {"resources": list(resources), "providers": list(providers)}


def document(*rules: dict[str, Any], **more: Any) -> bytes:
    head = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
    return yaml.safe_dump({**head, "resources": list(rules), **more}).encode()


def transformer(*providers: dict[str, Any], resource: str = "secrets") -> Any:
    return parse_encryption_config(document(rule(*providers))).transformer_for("", resource)


@pytest.mark.parametrize("name", ["aescbc", "aesgcm", "secretbox"])
def test_every_provider_reads_what_it_wrote(name: str) -> None:
    """Values of any length come back, never twice in the same form, under their prefix."""
    if name == "secretbox":
        pytest.importorskip("nacl")
    made = transformer({name: keys("key1")})
    for value in (b"", b"x", VALUE, b"y" * 16, b"z" * 100_000):
        stored = made.to_storage(KEY, value)
        assert stored.startswith(f"k8s:enc:{name}:v1:key1:".encode())
        assert len(value) < 16 or value not in stored
        assert stored != made.to_storage(KEY, value)
        assert made.from_storage(KEY, stored) == value
        assert not made.is_stale(stored)


def test_formats_are_kube_apiservers() -> None:
    """CBC is vector and padded blocks; GCM is nonce and sealed text bound to the key it is stored under."""
    cbc = transformer({"aescbc": keys("k")}).to_storage(KEY, b"hello").removeprefix(b"k8s:enc:aescbc:v1:k:")
    decryptor = Cipher(AES(RAW), CBC(cbc[:16])).decryptor()
    assert decryptor.update(cbc[16:]) + decryptor.finalize() == b"hello" + b"\x0b" * 11
    gcm = transformer({"aesgcm": keys("k")}).to_storage(KEY, b"hello").removeprefix(b"k8s:enc:aesgcm:v1:k:")
    assert AESGCM(RAW).decrypt(gcm[:12], gcm[12:], KEY.encode()) == b"hello"


def test_secretbox_format() -> None:
    """A secretbox value is nonce and box."""
    secret = pytest.importorskip("nacl.secret")
    box = transformer({"secretbox": keys("k")}).to_storage(KEY, b"hello").removeprefix(b"k8s:enc:secretbox:v1:k:")
    assert secret.SecretBox(RAW).decrypt(box[24:], box[:24]) == b"hello"


def test_key_rotation() -> None:
    """The first key writes, the others still read, and what they wrote is stale."""
    other = base64.b64encode(b"o" * 32).decode()
    old = transformer({"aescbc": keys("old")})
    new = transformer({"aescbc": {"keys": [*keys("new", secret=other)["keys"], *keys("old")["keys"]]}})
    stored = old.to_storage(KEY, VALUE)
    assert new.from_storage(KEY, stored) == VALUE
    assert new.is_stale(stored)
    assert not new.is_stale(new.to_storage(KEY, VALUE))
    with pytest.raises(CorruptValue, match="no matching key was found for the provided AES transformer"):
        old.from_storage(KEY, new.to_storage(KEY, VALUE))


def test_turning_encryption_on_and_off() -> None:
    """The identity provider lets plain values through on either side of the change."""
    on = transformer({"aesgcm": keys("k")}, {"identity": {}})
    off = transformer({"identity": {}}, {"aesgcm": keys("k")})
    encrypted = on.to_storage(KEY, VALUE)
    assert (on.from_storage(KEY, VALUE), on.is_stale(VALUE)) == (VALUE, True)
    assert (off.from_storage(KEY, encrypted), off.is_stale(encrypted)) == (VALUE, True)
    assert off.to_storage(KEY, VALUE) == VALUE
    assert not off.is_stale(VALUE)


def test_resources_without_a_rule_refuse_encrypted_values() -> None:
    """What is not covered is stored plain, and an encrypted value there is an error, not garbage."""
    plain = transformer({"aesgcm": keys("k")}, resource="configmaps")
    assert plain.to_storage(KEY, VALUE) == VALUE
    with pytest.raises(CorruptValue) as caught:
        plain.from_storage(KEY, b"k8s:enc:aesgcm:v1:k:xxx")
    assert str(caught.value) == (
        'unable to transform key "/registry/secrets/default/a": identity transformer tried to read encrypted data'
    )


@pytest.mark.parametrize(
    ("provider", "stored", "message"),
    [
        ("aescbc", b"plain", "no matching prefix found"),
        ("aescbc", b"k8s:enc:aescbc:v1:k:short", "the stored data was shorter than the required size"),
        ("aescbc", b"k8s:enc:aescbc:v1:k:" + b"x" * 33, "the stored data is not a multiple of the block size"),
        ("aescbc", b"k8s:enc:aescbc:v1:k:" + b"x" * 16, "invalid padding on input"),
        ("aescbc", b"k8s:enc:aescbc:v1:zz:xx", "no matching key was found for the provided AES transformer"),
        ("aesgcm", b"k8s:enc:aesgcm:v1:k:" + b"x" * 40, "cipher: message authentication failed"),
        ("aesgcm", b"k8s:enc:aesgcm:v1:k:x", "the stored data was shorter than the required size"),
    ],
)
def test_unreadable_values(provider: str, stored: bytes, message: str) -> None:
    """Damaged and foreign values are refused in upstream's words."""
    with pytest.raises(CorruptValue, match=f'unable to transform key "{KEY}": {message}'):
        transformer({provider: keys("k")}).from_storage(KEY, stored)


def test_gcm_values_cannot_be_moved() -> None:
    """An AES-GCM value copied to another key does not decrypt there."""
    made = transformer({"aesgcm": keys("k")})
    with pytest.raises(CorruptValue):
        made.from_storage(KEY + "2", made.to_storage(KEY, VALUE))


def test_wildcards() -> None:
    """Exact names come before `*.group`, that before `*.*`."""
    config = parse_encryption_config(
        document(
            rule({"aescbc": keys("exact")}, resources=("deployments.apps",)),
            rule({"aescbc": keys("group")}, resources=("*.apps",)),
            rule({"aescbc": keys("core")}, resources=("*.",)),
            rule({"aescbc": keys("any")}, resources=("*.*",)),
        )
    )
    used = {
        (group, resource): config.transformer_for(group, resource).to_storage(KEY, b"").split(b":")[4].decode()
        for group, resource in (("apps", "deployments"), ("apps", "x"), ("", "pods"), ("batch", "jobs"))
    }
    assert list(used.values()) == ["exact", "group", "core", "any"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "encryption provider configuration file is empty"),
        (b"a: [", "yaml: "),
        (b"kind: Pod\napiVersion: v1\n", "got unexpected config type: v1, Kind=Pod"),
        (document(rule({"identity": {}}), color="red"), 'unknown field "color"'),
        (document(rule({"aescbc": {"keys": [{"nane": "x"}]}})), 'unknown field "resources[0].providers[0].aescbc.keys'),
        (document(), "resources: Required value: at least one resources is required"),
        (document(rule({"identity": {}}, resources=())), "resources[0].resources: Required value: at least one"),
        (document(rule()), "resources[0].providers: Required value: at least one resources[0].providers is required"),
        (document(rule({})), "provider does not contain any of the expected providers"),
        (document(rule({"identity": {}, "aescbc": keys("k")})), "more than one provider specified in a single element"),
        (document(rule({"aescbc": {"keys": []}})), "aescbc.keys: Required value: at least one keys is required"),
        (document(rule({"aescbc": keys("")})), "keys[0].name: Required value: name is a mandatory field for a key"),
        (document(rule({"aescbc": keys("k", secret="")})), "secret: Required value: secret is a mandatory field"),
        (document(rule({"aescbc": keys("k", secret="$$")})), 'Invalid value: "REDACTED": secrets must be base64'),
        (
            document(rule({"aesgcm": keys("k", secret="c2hvcnQ=")})),
            "secret is not of the expected length, got 5, expected one of [16 24 32]",
        ),
        (document(rule({"secretbox": keys("k", secret="c2hvcnQ=")})), "got 5, expected one of [32]"),
        (document(rule({"kms": {"name": "plugin", "endpoint": "unix:///x"}})), "the KMS provider is not supported"),
        (document(rule({"identity": {}}, resources=("Secrets",))), "should not contain capital letters"),
        (document(rule({"identity": {}}, resources=("*",))), "use '*.' to encrypt all the resources from core"),
        (document(rule({"identity": {}}, resources=("a.events.k8s.io",))), "Use 'events' instead in the config"),
        (document(rule({"identity": {}}, resources=("a.extensions",))), "'extensions' group has been removed"),
        (document(rule({"identity": {}}, resources=("pods.*",))), "the same resource across groups is not supported"),
        (document(rule({"identity": {}}, resources=("secrets", "*."))), "using overlapping resources"),
        (document(rule({"identity": {}}, resources=("*.*", "a.b"))), "using overlapping resources"),
        (document(rule({"identity": {}}, resources=("a", "a"))), "cannot be specified multiple times"),
        (document(rule({"identity": {}}, resources=("apiserveripinfo",))), "do not have REST API/s"),
        (
            document(rule({"identity": {}}, resources=("*.",)), rule({"identity": {}})),
            'resource "secrets" is masked by earlier rule "*."',
        ),
    ],
)
def test_wrong_files(content: bytes, problem: str) -> None:
    """Each mistake in the file is named with its place."""
    with pytest.raises(EncryptionConfigError) as caught:
        parse_encryption_config(content)
    assert problem in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is an error of the start."""
    with pytest.raises(EncryptionConfigError, match="error opening encryption provider configuration file"):
        load_encryption_config(tmp_path / "none.yaml")


async def test_through_the_watch_cache() -> None:
    """The store holds ciphertext, the cache and its readers plain text; reopening reads it back."""
    store = MemoryStore()
    codec = ValueCodec("/registry/secrets/", namespaced=True, transformer=transformer({"aescbc": keys("k")}))
    cacher = Cacher(store, codec)
    created = await cacher.create(KEY, VALUE)
    kv, _ = await store.get(KEY)
    assert kv is not None
    assert kv.value.startswith(b"k8s:enc:aescbc:v1:k:")
    assert created.value is VALUE
    assert await cacher.get(KEY) is created
    assert not await cacher.is_stale(created)
    again = await Cacher(store, codec).get(KEY)
    assert again is not None
    assert again.object() == created.object()


async def test_one_unreadable_value_does_not_hide_others() -> None:
    """Lists fail while a value cannot be decrypted; gets of other objects work."""
    store = MemoryStore()
    codec = ValueCodec("/registry/secrets/", namespaced=True, transformer=transformer({"aescbc": keys("k")}))
    await Cacher(store, codec).create(KEY, VALUE)
    await store.put(KEY + "2", b"k8s:enc:aescbc:v1:lost:xxxx", expect=0)
    cacher = Cacher(store, codec)
    assert await cacher.get(KEY) is not None
    with pytest.raises(CorruptValue):
        await cacher.get(KEY + "2")
    with pytest.raises(CorruptValue):
        await cacher.list()


async def test_reload(tmp_path: Path) -> None:
    """A changed file comes into force for transformers in use; a wrong one changes nothing."""
    path = tmp_path / "config.yaml"
    path.write_bytes(document(rule({"identity": {}})))
    config = load_encryption_config(path)
    used = config.transformer_for("", "secrets")
    task = asyncio.create_task(reload_on_change(config, path, period=0.01))
    await asyncio.sleep(0.02)
    path.write_bytes(b"wrong")
    await asyncio.sleep(0.05)
    assert used.to_storage(KEY, VALUE) == VALUE
    path.write_bytes(document(rule({"aescbc": keys("k")}, {"identity": {}})))
    await until(lambda: used.to_storage(KEY, VALUE) != VALUE)
    assert used.from_storage(KEY, VALUE) == VALUE
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
