"""The EncryptionConfiguration file: which resources are encrypted, how, and with which keys.

Upstream: server/options/encryptionconfig and apis/apiserver/validation. Next: `transformer.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from kubern.apimachinery.codec.json import SyntaxProblem
from kubern.apimachinery.field import ErrorList, Path, invalid, required
from kubern.storage.encryption.ciphers import CIPHERS
from kubern.storage.encryption.resources import (
    GroupResource,
    check_resources,
    masking_rule,
    parse_group_resource,
    selected_by,
)
from kubern.storage.encryption.shape import unknown_fields
from kubern.storage.encryption.transformer import Provider, ValueTransformer

API_VERSION, KIND = "apiserver.config.k8s.io/v1", "EncryptionConfiguration"
_KEY_SIZES = {"aescbc": (16, 24, 32), "aesgcm": (16, 24, 32), "secretbox": (32,)}
_PROVIDERS = ("kms", "aesgcm", "aescbc", "secretbox", "identity")
_AT_LEAST_ONE = "at least one {} is required"
_MANDATORY = "{} is a mandatory field for a {}"


class EncryptionConfigError(Exception):
    """The file cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


Rules = dict[GroupResource, ValueTransformer]


class EncryptionConfig:
    """A checked file, as transformers by resource."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._not_encrypted = ValueTransformer([Provider()])

    def transformer_for(self, group: str, resource: str) -> ResourceTransformer:
        """The transformer of a resource; it follows `adopt`."""
        return ResourceTransformer(self, selected_by(group, resource))

    def first_of(self, rules: Sequence[GroupResource]) -> ValueTransformer:
        """What the first of these rules says that exists; without one, values are not encrypted."""
        for rule in rules:
            found = self._rules.get(rule)
            if found is not None:
                return found
        return self._not_encrypted

    def adopt(self, other: EncryptionConfig) -> None:
        """Take over another file's rules, for transformers already handed out too."""
        self._rules = other._rules


class ResourceTransformer:
    """`cacher/codec.py::Transformer` of one resource under the configuration in force."""

    def __init__(self, config: EncryptionConfig, rules: Sequence[GroupResource]) -> None:
        self._config = config
        self._selecting = rules

    def from_storage(self, key: str, stored: bytes) -> bytes:
        return self._config.first_of(self._selecting).from_storage(key, stored)

    def to_storage(self, key: str, value: bytes) -> bytes:
        return self._config.first_of(self._selecting).to_storage(key, value)

    def is_stale(self, stored: bytes) -> bool:
        return self._config.first_of(self._selecting).is_stale(stored)


def load_encryption_config(path: FilePath) -> EncryptionConfig:
    """Read and check the file. Raises EncryptionConfigError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EncryptionConfigError(
            [f"error opening encryption provider configuration file {str(path)!r}: {error}"]
        ) from None
    return parse_encryption_config(data)


def parse_encryption_config(data: bytes) -> EncryptionConfig:
    """The file's content, YAML or JSON. Raises EncryptionConfigError."""
    from kubern.apimachinery.yaml import load_yaml  # PyYAML is a tenth of a start, and few servers encrypt

    if not data:
        raise EncryptionConfigError(["encryption provider configuration file is empty"])
    try:
        config, duplicates = load_yaml(data)
    except SyntaxProblem as error:
        raise EncryptionConfigError([f"error decoding encryption provider configuration file: {error}"]) from None
    problems = duplicates + unknown_fields(config)
    if not problems and (config.get("apiVersion"), config.get("kind")) != (API_VERSION, KIND):
        problems = [f"got unexpected config type: {config.get('apiVersion')}, Kind={config.get('kind')}"]
    if problems:
        raise EncryptionConfigError([f"error decoding encryption provider configuration file: {p}" for p in problems])
    errors = _validate(config)
    if errors:
        raise EncryptionConfigError([str(error) for error in errors])
    return EncryptionConfig(_rules(config))


def _rules(config: Mapping[str, Any]) -> Rules:
    providers: dict[GroupResource, list[Provider]] = {}
    for rule in config["resources"]:
        made = [_provider(provider) for provider in rule["providers"]]
        for name in rule["resources"]:
            masked_by = masking_rule(name, providers)
            if masked_by:
                raise EncryptionConfigError([f'resource "{name}" is masked by earlier rule "{masked_by}"'])
            providers.setdefault(parse_group_resource(name), []).extend(made)
    return {rule: ValueTransformer(made) for rule, made in providers.items()}


def _provider(config: Mapping[str, Any]) -> Provider:
    name, settings = next((name, value) for name, value in config.items() if value is not None)
    if name == "identity":
        return Provider()
    try:
        keys = [(key["name"], CIPHERS[name](base64.b64decode(key["secret"]))) for key in settings["keys"]]
    except ImportError:
        raise EncryptionConfigError(
            ["provider secretbox needs the package PyNaCl: install kubern-core[secretbox]"]
        ) from None
    return Provider(name, keys)


# -- validation


def _validate(config: Mapping[str, Any]) -> ErrorList:
    root = Path("resources")
    rules = config.get("resources") or []
    if not rules:
        return [required(root, _AT_LEAST_ONE.format(root))]
    errors: ErrorList = []
    for n, rule in enumerate(rules):
        resources, providers = root.index(n).child("resources"), root.index(n).child("providers")
        names = rule.get("resources") or []
        if not names:
            errors.append(required(resources, _AT_LEAST_ONE.format(resources)))
        errors += check_resources(names, resources)
        if not rule.get("providers"):
            errors.append(required(providers, _AT_LEAST_ONE.format(providers)))
        for m, provider in enumerate(rule.get("providers") or []):
            errors += _validate_provider(provider, providers.index(m))
    return errors


def _validate_provider(provider: Mapping[str, Any], path: Path) -> ErrorList:
    given = [name for name in _PROVIDERS if provider.get(name) is not None]
    if not given:
        detail = "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity"
        return [invalid(path, dict(provider), detail)]
    if len(given) > 1:
        detail = "more than one provider specified in a single element, should split into different list elements"
        return [invalid(path, dict.fromkeys(given, "REDACTED"), detail)]
    name = given[0]
    if name == "kms":
        # Differs from kube-apiserver: key management services are reached over gRPC plugins, which kubern lacks
        return [invalid(path.child("kms"), provider["kms"].get("name", ""), "the KMS provider is not supported")]
    if name == "identity":
        return []
    keys = path.child(name).child("keys")
    given_keys = provider[name].get("keys") or []
    if not given_keys:
        return [required(keys, _AT_LEAST_ONE.format("keys"))]
    return [error for n, key in enumerate(given_keys) for error in _validate_key(key, keys.index(n), _KEY_SIZES[name])]


def _validate_key(key: Mapping[str, Any], path: Path, sizes: Sequence[int]) -> ErrorList:
    errors: ErrorList = []
    if not key.get("name"):
        errors.append(required(path.child("name"), _MANDATORY.format("name", "key")))
    if not key.get("secret"):
        return [*errors, required(path.child("secret"), _MANDATORY.format("secret", "key"))]
    try:
        secret = base64.b64decode(key["secret"], validate=True)
    except ValueError:
        return [*errors, invalid(path.child("secret"), "REDACTED", "secrets must be base64 encoded")]
    if len(secret) not in sizes:
        expected = f"[{' '.join(map(str, sizes))}]"
        detail = f"secret is not of the expected length, got {len(secret)}, expected one of {expected}"
        errors.append(invalid(path.child("secret"), "REDACTED", detail))
    return errors
