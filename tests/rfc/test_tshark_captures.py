"""The captures of real phones that Debian's sip-tester ships: tshark, RtpPacket and parse_batch read the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dpkt
import numpy as np
import pytest

from rtpcore.wire.batch import parse_batch
from rtpcore.wire.rtp import RtpPacket
from tests.conftest import lacking
from tests.rfc.test_tshark_rtp import seen_by_packet, seen_by_tshark
from tests.rfc.tshark import dissect_capture

FOLDER = Path("/usr/share/sip-tester")
NAMES = ("g711a", *(f"dtmf_2833_{key}" for key in (*range(10), "pound", "star")))
FILE_HEADER_OCTETS = 24
RECORD_HEADER_OCTETS = 16


def located(path: Path) -> Iterator[tuple[int, dpkt.udp.UDP]]:
    """Where the payload of each datagram starts in the file, and the datagram."""
    start = FILE_HEADER_OCTETS
    with path.open("rb") as file:
        for _, frame in dpkt.pcap.Reader(file):
            start += RECORD_HEADER_OCTETS
            ip = dpkt.ethernet.Ethernet(frame).data
            yield start + 14 + 4 * ip.hl + 8, ip.data
            start += len(frame)


@pytest.mark.parametrize("name", NAMES)
def test_every_packet_of_a_capture(program: Callable[[str], str], tmp_path: Path, name: str) -> None:
    path = FOLDER / f"{name}.pcap"
    if not path.exists():
        lacking(f"{path} of Debian's sip-tester is not installed")
    offsets, datagrams = zip(*located(path), strict=True)
    payloads = [bytes(datagram.data) for datagram in datagrams]
    packets = [RtpPacket.parse(payload) for payload in payloads]

    # The whole file is the buffer, and no packet is copied out of it.
    rows = parse_batch(path.read_bytes(), offsets, [len(payload) for payload in payloads])
    assert (rows == parse_batch(payloads)).all()
    assert not rows["status"].any()
    assert rows["sequence_number"].tolist() == [packet.sequence_number for packet in packets]
    # The last three packets of a key say the same, with one sequence number.
    assert set(np.diff(rows["sequence_number"]).tolist()) <= {0, 1}

    dissected = dissect_capture(program("tshark"), path, "rtp", datagrams[0].dport, tmp_path)
    for packet, row, layers in zip(packets, rows, dissected, strict=True):
        assert layers[0].protocol == "rtp"
        assert seen_by_tshark(layers[0]) == seen_by_packet(packet)
        (payload,) = layers[0].all("rtp.payload")
        assert (payload.offset, len(payload.octets)) == (row["payload_offset"], row["payload_size"])


def test_the_example_reads_a_capture() -> None:
    path = FOLDER / "g711a.pcap"
    if not path.exists():
        lacking(f"{path} of Debian's sip-tester is not installed")
    example = Path(__file__).resolve().parents[2] / "examples" / "parse_capture.py"
    done = subprocess.run([sys.executable, "-P", str(example), str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "236 RTP packets, 0 that are none",
        "0xdee0ee8f: 236 packets of type 8, 56640 octets of payload, 0 missing",
    ]
