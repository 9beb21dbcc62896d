"""The command line is read as pflag reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubern.options.collect import read_options
from kubern.options.etcd import EtcdOptions
from kubern.options.generic import GenericOptions
from kubern.options.logs import LogOptions
from kubern.options.options import Options
from kubern.options.secure_serving import SecureServingOptions
from kubern.plugins import build_plugin_manager


@pytest.fixture(scope="module")
def sections() -> Any:
    return build_plugin_manager().flag_sections()


def options(sections: Any, *arguments: str, **environment: str) -> Options:
    return read_options(sections, arguments, environment)


@pytest.mark.parametrize(
    "arguments",
    [["--secure-port=1"], ["--secure-port", "1"], ["--secure_port=1"], ["--secure-port=9", "--secure-port=1"]],
)
def test_long_flags_take_their_value_in_both_ways(sections: Any, arguments: list[str]) -> None:
    """=value, a separate value and underscores are all read; the last one wins."""
    read = options(sections, *arguments)
    assert read.section(SecureServingOptions).secure_port == 1
    assert not read.problems
    assert read.origin("secure-port") == "command line"
    assert read.origin("bind-address") == "default"


@pytest.mark.parametrize(("arguments", "level"), [(["-v4"], 4), (["-v=4"], 4), (["-v", "4"], 4), (["--v=4"], 4)])
def test_short_flags(sections: Any, arguments: list[str], level: int) -> None:
    """-v is the one-letter form of --v."""
    assert options(sections, *arguments).section(LogOptions).v == level


def test_a_bool_without_value_is_true_and_does_not_take_the_next_argument(sections: Any) -> None:
    """--watch-cache false is true and a stray argument, as with pflag."""
    assert options(sections, "--watch-cache=false").section(EtcdOptions).watch_cache is False
    read = options(sections, "--watch-cache", "false")
    assert read.section(EtcdOptions).watch_cache is True
    assert read.problems == ["unexpected argument 'false': flags only"]


def test_lists_join_commas_and_repetition(sections: Any) -> None:
    """--etcd-servers may be repeated and hold commas."""
    read = options(sections, "--etcd-servers=a,b", "--etcd-servers=c")
    assert read.section(EtcdOptions).etcd_servers == ("a", "b", "c")


def test_problems_are_collected_and_name_their_flag(sections: Any) -> None:
    """Unknown flags get a suggestion, bad values say what would be accepted, nothing stops at the first."""
    read = options(sections, "--secure-prt=1", "--bind-address=x", "--request-timeout=soon", "-z", "--etcd-servers")
    assert read.problems == [
        "unknown flag: --secure-prt (did you mean --secure-port?)",
        "unknown shorthand flag: 'z' in -z",
        "flag needs an argument: --etcd-servers",
        "--bind-address: invalid value 'x': must be an IP address such as 10.0.0.1 or ::1",
        "--request-timeout: invalid value 'soon': must be a duration such as 300ms, 30s or 1h30m",
    ]


def test_precedence_is_command_line_environment_file_default(sections: Any, tmp_path: Path) -> None:
    """Each place wins over the next, and options know where a value comes from."""
    file = tmp_path / "kubern.yaml"
    file.write_text("secure-port: 1\nmax_requests_inflight: 2\netcd-servers: [a, b]\nwatch-cache: false\n")
    read = options(
        sections,
        "--secure-port=3",
        KUBERN_CONFIG=str(file),
        KUBERN_SECURE_PORT="4",
        KUBERN_MAX_REQUESTS_INFLIGHT="5",
    )
    assert read.problems == []
    assert read.section(SecureServingOptions).secure_port == 3
    assert read.section(GenericOptions).max_requests_inflight == 5
    assert read.section(EtcdOptions).etcd_servers == ("a", "b")
    assert read.section(EtcdOptions).watch_cache is False
    assert read.origin("secure-port") == "command line"
    assert read.origin("max-requests-inflight") == "environment variable KUBERN_MAX_REQUESTS_INFLIGHT"
    assert read.origin("watch-cache") == f"file {file}"


def test_a_toml_file_is_read_too(sections: Any, tmp_path: Path) -> None:
    """--config FILE.toml has the same names."""
    file = tmp_path / "kubern.toml"
    file.write_text('secure-port = 1\nruntime-config = {"api/all" = true}\n')
    read = options(sections, f"--config={file}")
    assert read.section(SecureServingOptions).secure_port == 1
    assert dict(read.section("api enablement").runtime_config) == {"api/all": "true"}


def test_a_file_that_cannot_be_used_is_a_problem(sections: Any, tmp_path: Path) -> None:
    """Missing files, broken YAML and unknown names are named."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("- a\n")
    unknown = tmp_path / "unknown.yaml"
    unknown.write_text("secure-prt: 1\n")
    assert "No such file" in options(sections, f"--config={tmp_path / 'none'}").problems[0]
    assert "must be a mapping" in options(sections, f"--config={broken}").problems[0]
    assert "did you mean --secure-port?" in options(sections, f"--config={unknown}").problems[0]


def test_deprecated_and_ineffective_flags_are_noted(sections: Any) -> None:
    """Setting such a flag is accepted with a warning."""
    read = options(sections, "--target-ram-mb=600", "--ssh-user=x")
    assert read.problems == []
    assert read.notes == [
        "--target-ram-mb is deprecated: use --watch-cache-sizes to size single caches",
        "--ssh-user has no effect: ssh tunnels to nodes were dropped in 1.22",
    ]
