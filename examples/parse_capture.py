"""The RTP streams of a capture: one call for all headers, numpy for the rest. Needs `pip install dpkt`.

python examples/parse_capture.py call.pcap
"""

from __future__ import annotations

import sys
from pathlib import Path

import dpkt
import numpy as np

import rtpcore


def datagrams_of(path: Path) -> list[bytes]:
    """The payload of every UDP datagram of a pcap or pcapng file of Ethernet frames that may be RTP."""
    found = []
    with path.open("rb") as file:
        for _, frame in dpkt.pcap.UniversalReader(file):
            packet = dpkt.ethernet.Ethernet(frame).data
            udp = getattr(packet, "data", None)
            if isinstance(udp, dpkt.udp.UDP) and rtpcore.classify(bytes(udp.data)) is rtpcore.PacketKind.RTP:
                found.append(bytes(udp.data))
    return found


def main(path: Path) -> None:
    rows = rtpcore.parse_batch(datagrams_of(path))
    valid = rows[rows["status"] == 0]
    print(f"{len(valid)} RTP packets, {len(rows) - len(valid)} that are none")
    for ssrc in np.unique(valid["ssrc"]):
        stream = valid[valid["ssrc"] == ssrc]
        types = ", ".join(map(str, np.unique(stream["payload_type"])))
        steps = np.diff(stream["sequence_number"].astype(np.int32)) % 65536
        lost = int(np.sum(steps[(steps > 1) & (steps < 32768)] - 1))
        octets = int(stream["payload_size"].sum())
        print(f"{ssrc:#010x}: {len(stream)} packets of type {types}, {octets} octets of payload, {lost} missing")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
