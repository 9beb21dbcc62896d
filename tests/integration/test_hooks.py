"""Every hook, by the example in its documentation: the example is a plugin, and the server shows its effect."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from kubern import hookspecs
from kubern.lifecycle import StartError
from kubern.options.options import InvalidOptions
from kubern.testing.servers import RunningServer

HOOKS = [name for name in vars(hookspecs) if name.startswith("kubern_")]
PARTS = ["When: ", "Arguments: ", "Return: ", "Order and conflicts: ", "Example:\n"]
Start = Callable[..., RunningServer]


def example(hook: str) -> str:
    """The example of a hook's docstring."""
    return inspect.cleandoc((inspect.getdoc(getattr(hookspecs, hook)) or "").partition("Example:\n")[2])


@pytest.fixture
def start(start_server: Start, tmp_path: Path) -> Start:
    """start("hook", "--flag", ...) starts a server with the hook's example as its plugin."""

    def starter(hook: str, *flags: str) -> RunningServer:
        plugins = tmp_path / "plugins"
        plugins.mkdir()
        (plugins / "greeter.py").write_text(example(f"kubern_register_{hook}"))
        return start_server(f"--plugins-dir={plugins}", *flags)

    return starter


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_and_tested(hook: str) -> None:
    """Five parts in order, every annotation there, and a test named after the hook in this file."""
    function = getattr(hookspecs, hook)
    text = inspect.getdoc(function) or ""
    positions = [text.find(f"\n{part}") for part in PARTS]
    assert positions == sorted(positions)
    assert positions[0] > 0
    assert "return" in inspect.get_annotations(function)
    assert f"test_hook_{hook.removeprefix('kubern_register_')}" in globals()


def test_hook_flag_sections(start: Start) -> None:
    """The section's validation speaks up, so its flags are read."""
    with pytest.raises(InvalidOptions, match="--greeting: must not be empty"):
        start("flag_sections", "--greeting=")


def test_hook_completion_steps(start: Start) -> None:
    """The step changes an option: a request that takes longer than its timeout is not needed to see it start."""
    assert start("completion_steps").request("GET", "/readyz").status == 200


def test_hook_servers(start: Start) -> None:
    """The member answers its path, behind authentication like everybody."""
    server = start("servers")
    assert server.request("GET", "/hello").body == b"hello admin"
    assert server.request("GET", "/hello", token=None).status == 401


def test_hook_api_groups(start: Start) -> None:
    """The group's kind is created, listed, patched, watched by its resource version and deleted."""
    server = start("api_groups")
    path = "/apis/greeter.example/v1/namespaces/default/greetings"
    server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
    greeting = {"apiVersion": "greeter.example/v1", "kind": "Greeting", "metadata": {"name": "a"}, "text": "hello"}
    created = server.request("POST", path, greeting)
    assert created.status == 201, created.body
    assert created.json()["text"] == "hello"
    assert [item["metadata"]["name"] for item in server.request("GET", path).json()["items"]] == ["a"]
    patch = {"Content-Type": "application/merge-patch+json"}
    assert server.request("PATCH", f"{path}/a", {"text": "bye"}, patch).json()["text"] == "bye"
    groups = [group["name"] for group in server.request("GET", "/apis").json()["groups"]]
    assert "greeter.example" in groups
    resources = server.request("GET", "/apis/greeter.example/v1").json()["resources"]
    assert resources[0]["shortNames"] == ["gr"]
    assert server.request("DELETE", f"{path}/a").status == 200
    assert server.request("GET", f"{path}/a").status == 404


def test_hook_storage_backends(start: Start) -> None:
    """The engine is chosen by name."""
    server = start("storage_backends", "--storage-backend=forgetful")
    assert server.request("GET", "/readyz").status == 200


def test_hook_authenticators(start: Start) -> None:
    """The token is good; an unknown one is still refused."""
    server = start("authenticators")
    assert server.request("GET", "/version", token="hello").status == 200
    assert server.request("GET", "/version", token="bye").status == 401


def test_hook_authorizers(start: Start, tmp_path: Path) -> None:
    """The mode allows reading and gives its reason for the rest."""
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("reader,reader,1\n")
    server = start("authorizers", "--authorization-mode=ReadOnly", f"--token-auth-file={tokens}")
    assert server.request("GET", "/api/v1/namespaces", token="reader").status == 200
    refused = server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "a"}}, token="reader")
    assert refused.status == 403
    assert refused.json()["message"].endswith("at the cluster scope: only reading is allowed")


def test_hook_admission_plugins(start: Start) -> None:
    """What is created carries the plugin's label, unless a flag leaves the plugin out."""
    server = start("admission_plugins")
    created = server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "stamped"}})
    assert created.json()["metadata"]["labels"]["stamped"] == "yes"


def test_hook_admission_plugins_can_be_disabled(start: Start) -> None:
    """--disable-admission-plugins knows plugins' names."""
    server = start("admission_plugins", "--disable-admission-plugins=Stamp")
    created = server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "plain"}})
    assert "stamped" not in created.json()["metadata"].get("labels", {})


def test_hook_api_service_sources(start: Start) -> None:
    """The aggregator has an APIService for the group-version."""
    server = start("api_service_sources")
    answer = server.request("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1.greeter.example")
    assert answer.status == 200
    assert answer.json()["spec"] == {
        "group": "greeter.example", "groupPriorityMinimum": 1000, "version": "v1", "versionPriority": 15
    }  # fmt: skip


def test_hook_post_start_hooks(start: Start) -> None:
    """Readiness has a check of the hook's name."""
    server = start("post_start_hooks")
    assert server.request("GET", "/readyz/poststarthook/greeter-warm-up").body == b"ok"


def test_a_failing_post_start_hook_ends_the_server(start_server: Start, tmp_path: Path) -> None:
    """The start fails with the hook's name."""
    (tmp_path / "bad.py").write_text(
        example("kubern_register_post_start_hooks").replace('server.config.shared["greeter"] = "hello"', "1 / 0")
    )
    with pytest.raises(StartError, match="post-start hook greeter-warm-up failed: ZeroDivisionError"):
        start_server(f"--plugins-dir={tmp_path}")


def test_hook_pre_shutdown_hooks(start_server: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It runs before the server is gone."""
    from kubern.testing.servers import running_server

    (tmp_path / "greeter.py").write_text(example("kubern_register_pre_shutdown_hooks"))
    with running_server(f"--plugins-dir={tmp_path}"):
        assert "goodbye" not in caplog.text
    assert "goodbye" in caplog.text


def test_hook_http_routers(start: Start) -> None:
    """The router answers below its prefix, behind authentication."""
    server = start("http_routers")
    assert server.request("GET", "/greeter/hello/you").json() == {"greeting": "hello you"}
    assert server.request("GET", "/greeter/hello/you", token=None).status == 401
