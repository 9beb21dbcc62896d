"""The server's own log."""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path


def _run(directory: Path, *flags: str) -> tuple[str, str]:
    """Standard output and error of a server that is stopped once it is ready."""
    command = [
        sys.executable, "-m", "kubern", "start", f"--data-dir={directory}", "--bind-address=127.0.0.1",
        "--secure-port=0", "--storage-backend=memory", "--disable-plugins=aggregator,apiextensions", *flags,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = ""
        while "Ready at" not in seen:
            line = process.stdout.readline()
            assert line
            seen += line
        url = seen.partition("Ready at ")[2].split()[0]
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/readyz", timeout=10, context=ssl._create_unverified_context()).close()
        process.terminate()
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
    return seen + out, err


def test_lines_as_klog_writes_them(tmp_path: Path) -> None:
    """To standard error, with severity, time, process and place."""
    _, err = _run(tmp_path)
    assert [
        line for line in err.splitlines() if line[0] == "I" and "lifecycle.py:" in line and "] HasBeenReady" in line
    ]


def test_json(tmp_path: Path) -> None:
    """--logging-format=json writes an object a line."""
    _, err = _run(tmp_path, "--logging-format=json")
    lines = [json.loads(line) for line in err.splitlines()]
    assert {"ts", "caller", "msg", "v"} <= lines[0].keys()
    assert "HasBeenReady" in [line["msg"] for line in lines]


def test_split_streams(tmp_path: Path) -> None:
    """What is no error goes to standard output, in either format."""
    out, err = _run(tmp_path / "text", "--log-text-split-stream")
    assert "] HasBeenReady" in out
    assert "HasBeenReady" not in err
    out, err = _run(tmp_path / "json", "--logging-format=json", "--log-json-split-stream")
    assert '"msg": "HasBeenReady"' in out
    assert "HasBeenReady" not in err


def test_requests_are_logged_on_request(tmp_path: Path) -> None:
    """-v=3 logs each, --vmodule those of the module that it names, and a lower -v none."""
    assert "/readyz" not in _run(tmp_path / "a", "-v=2")[1]
    _, err = _run(tmp_path / "b", "-v=3")
    (line,) = [line for line in err.splitlines() if 'URI="/readyz"' in line]
    assert '"HTTP" verb="GET" URI="/readyz" latency="' in line
    assert line.endswith("resp=401")
    assert 'URI="/readyz"' in _run(tmp_path / "c", "--vmodule=filters.http_*=3")[1]
    assert 'URI="/readyz"' not in _run(tmp_path / "d", "--vmodule=endpoints.*=3")[1]
