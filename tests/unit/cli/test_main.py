from __future__ import annotations

import importlib.metadata
import signal
import subprocess

import pytest

from rtpcore.cli.main import main, stopped_by_signals
from tests.process import console_script


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([console_script(), *arguments], capture_output=True, text=True, timeout=10, check=False)


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"rtpcore {importlib.metadata.version('rtpcore')}\n")


@pytest.mark.parametrize("command", [[], ["demo"], ["relay"]])
def test_help_has_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "examples:\n  rtpcore " in done.stdout


@pytest.mark.parametrize("arguments", [[], ["serve-coffee"], ["demo", "--duration", "never"], ["demo", "extra"]])
def test_a_wrong_command_line_is_one_sentence(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("rtpcore")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(".\n")


def test_an_error_of_the_system_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("rtpcore.cli.demo.Scene", refuse)
    assert main(["demo", "--json"]) == 2
    assert capsys.readouterr().err == "rtpcore: Permission denied.\n"


def test_a_reader_that_leaves_is_no_traceback() -> None:
    done = subprocess.run(
        f"{console_script()} demo --duration 1 | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout.startswith("party")
    assert done.stderr == ""


def test_the_first_signal_is_an_event_and_the_second_is_not_caught() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopped_by_signals() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGTERM)
        assert stop.wait(1)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before
