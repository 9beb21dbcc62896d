"""--encryption-provider-config is read while the options are checked."""

from __future__ import annotations

from pathlib import Path

from kubern.options.etcd import EtcdOptions


def test_every_mistake_in_the_file_is_a_problem_of_the_flag(tmp_path: Path) -> None:
    """Problems of the file are listed under the flag, together with others."""
    path = tmp_path / "encryption.yaml"
    head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"
    path.write_text(head + "resources: [{resources: [secrets], providers: [{}]}, {resources: [], providers: []}]\n")
    problems = EtcdOptions(encryption_provider_config=str(path)).validate()
    assert [problem.partition(": ")[0] for problem in problems] == ["--encryption-provider-config"] * 3


def test_a_good_file_gives_transformers(tmp_path: Path) -> None:
    """The rules of the file are handed to the storage."""
    path = tmp_path / "encryption.yaml"
    head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"
    path.write_text(head + "resources: [{resources: [secrets], providers: [{identity: {}}]}]\n")
    options = EtcdOptions(encryption_provider_config=str(path))
    assert options.validate() == []
    config = options.encryption()
    assert config is not None
    assert config.transformer_for("", "secrets").to_storage("/k", b"v") == b"v"
    assert EtcdOptions().encryption() is None
