from __future__ import annotations

import argparse

import pytest

from rtpcore.cli.arguments import Parser, format_address, host, seconds, transport_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:4000", ("127.0.0.1", 4000)),
        ("[::1]:4000", ("::1", 4000)),
        ("[fe80::1%eth0]:65535", ("fe80::1%eth0", 65535)),
        ("[127.0.0.1]:1", ("127.0.0.1", 1)),
    ],
)
def test_addresses_are_read(text: str, address: tuple[str, int]) -> None:
    assert transport_address(text) == address


@pytest.mark.parametrize("text", ["127.0.0.1:4000", "[::1]:4000", "[fe80::1%eth0]:6"])
def test_addresses_are_written_as_they_are_read(text: str) -> None:
    assert format_address(transport_address(text)) == text


def test_no_address_is_a_dash() -> None:
    assert format_address(None) == "-"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:",
        ":4000",
        "::1:4000",
        "[::1]",
        "[::1:4000",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:4e3",
        "127.0.0.1:٤",
        "127.0.0.300:4000",
        "localhost:4000",
        "[]:4000",
    ],
)
def test_what_is_no_address_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refusal:
        transport_address(text)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert repr(text) in sentence or repr(text.rpartition(":")[0].strip("[]")) in sentence


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "fe80::1%eth0"])
def test_hosts_are_addresses(text: str) -> None:
    assert host(text) == text


@pytest.mark.parametrize("text", ["", "example.org", "127.0.0", "127.0.0.1:5"])
def test_names_are_not_hosts(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not an IP address"):
        host(text)


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("0.25", 0.25), ("1e2", 100.0)])
def test_seconds_are_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", ""])
def test_seconds_are_positive_and_finite(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a positive number of seconds"):
        seconds(text)


def test_a_refusal_is_one_sentence_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="rtpcore relay")
    parser.add_argument("--local-a", type=transport_address)
    with pytest.raises(SystemExit) as end:
        parser.parse_args(["--local-a", "nowhere"])
    assert end.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors == "rtpcore relay: argument --local-a: 'nowhere' is not HOST:PORT (IPv6 as [::1]:4000).\n"
