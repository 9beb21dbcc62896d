"""A third party's distribution, built as a wheel and installed into a virtual environment with nothing but core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubern.testing.servers import RunningServer

ROOT = Path(__file__).resolve().parents[2]
GREETER = Path(__file__).with_name("data") / "greeter"
pytestmark = pytest.mark.slow


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `kubern` command of a fresh environment that has core and the greeter as wheels, and no member of ours."""
    place = tmp_path_factory.mktemp("third-party")
    run(sys.executable, "-m", "venv", place / "venv")
    pip = (place / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-q")
    run(*pip, "wheel", "--no-deps", "-w", place / "wheels", ROOT / "core", GREETER)
    assert len(list((place / "wheels").glob("*.whl"))) == 2
    run(*pip, "install", *(place / "wheels").glob("*.whl"))
    return place / "venv" / "bin" / "kubern"


@pytest.fixture
def greeter(installed: Path, tmp_path: Path) -> Iterator[RunningServer]:
    """The greeter's server, started by the installed command."""
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("kubern-testing-admin,admin,admin,system:masters\n")
    command = [
        str(installed), "start", f"--data-dir={tmp_path}", "--bind-address=127.0.0.1", "--secure-port=0",
        "--external-hostname=here.example", f"--token-auth-file={tokens}",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("Ready at "):
            process.kill()
            pytest.fail(process.communicate()[1])
        yield RunningServer(line.split()[-1], tmp_path, process.pid)
        process.terminate()
        process.communicate()


def test_its_flags_member_step_and_group_are_there(installed: Path, greeter: RunningServer) -> None:
    """Everything the distribution contributes works, its origin and version are shown."""
    assert greeter.request("GET", "/greeting").body == b"hello from here.example"
    path = "/apis/greeter.example/v1/namespaces/default/greetings"
    greeter.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
    greeting = {"apiVersion": "greeter.example/v1", "kind": "Greeting", "metadata": {"name": "a"}}
    assert greeter.request("POST", path, greeting).status == 201
    assert [item["metadata"]["name"] for item in greeter.request("GET", path).json()["items"]] == ["a"]
    assert "greeter.example" in [group["name"] for group in greeter.request("GET", "/apis").json()["groups"]]

    listed = run(installed, "plugins")
    assert "  120  greeter  greeter (kubern-greeter 3.1.4)" in listed
    assert "completion step: greeting (slot 5000)" in listed
    assert "--greeting string" in run(installed, "start", "--help")
    assert "--greeting=hi  (command line)" in run(installed, "flags", "--greeting=hi")


def test_it_can_be_disabled_by_name(installed: Path) -> None:
    """Then its flags are unknown and its member is gone."""
    listed = run(installed, "plugins", "--disable-plugins=greeter")
    assert "DISABLED\n  greeter (kubern-greeter 3.1.4)" in listed
    command = [str(installed), "start", "--disable-plugins=greeter", "--greeting=hi"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "HOME": "/tmp"})
    assert refused.returncode == 1
    assert "unknown flag: --greeting" in refused.stderr


def test_a_distribution_that_breaks_stops_the_start(installed: Path) -> None:
    """Fail closed: the message names plugin, distribution and version."""
    (module,) = installed.parent.parent.glob("lib/python*/site-packages/kubern_greeter/plugin.py")
    source = module.read_text()
    module.write_text("import does_not_exist\n")
    try:
        command = [str(installed), "start"]
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        module.write_text(source)
    assert refused.returncode == 1
    assert "plugin greeter (kubern-greeter 3.1.4) failed to load" in refused.stderr
    assert "does_not_exist" in refused.stderr
