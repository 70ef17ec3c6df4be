"""tshark as an oracle: datagrams in, the fields that its dissectors of RTP and RTCP find out."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import dpkt

PORT = 40000
LIMIT_S = 120.0
PROTOCOLS = frozenset({"frame", "eth", "ethertype", "ip", "udp", "rtp", "rtcp"})


@dataclass(frozen=True)
class Field:
    """One line of a dissection. `offset` counts from the first octet of the datagram."""

    name: str
    show: str
    offset: int
    octets: bytes

    @property
    def number(self) -> int:
        return int(self.show, 0)


@dataclass
class Layer:
    """What one dissector found, in the order of the packet; nested fields stand after the field that holds them."""

    protocol: str
    fields: list[Field] = field(default_factory=list)

    def all(self, name: str) -> list[Field]:
        return [found for found in self.fields if found.name == name]

    def numbers(self, *names: str) -> dict[str, int]:
        """The values of fields that stand here once."""
        found = {}
        for name in names:
            (one,) = self.all(name)
            found[name] = one.number
        return found

    def octets(self, name: str) -> bytes:
        """The octets of a field that stands here at most once; none where it does not."""
        found = self.all(name)
        assert len(found) <= 1
        return found[0].octets if found else b""


def _frame(datagram: bytes) -> bytes:
    udp = dpkt.udp.UDP(sport=PORT, dport=PORT, ulen=8 + len(datagram), data=datagram)
    ip = dpkt.ip.IP(src=bytes((127, 0, 0, 1)), dst=bytes((127, 0, 0, 1)), p=dpkt.ip.IP_PROTO_UDP, data=udp)
    ip.len = 20 + udp.ulen
    return bytes(dpkt.ethernet.Ethernet(data=ip))


def dissect(tshark: str, datagrams: Sequence[bytes], protocol: str, folder: Path) -> list[list[Layer]]:
    """The layers from `protocol` (rtp or rtcp) on that tshark finds in each datagram."""
    capture = folder / f"{protocol}.pcap"
    with capture.open("wb") as file:
        writer = dpkt.pcap.Writer(file)
        for index, datagram in enumerate(datagrams):
            writer.writepkt(_frame(datagram), index * 0.02)
    packets = dissect_capture(tshark, capture, protocol, PORT, folder)
    assert len(packets) == len(datagrams)
    return packets


def dissect_capture(tshark: str, capture: Path, protocol: str, port: int, folder: Path) -> list[list[Layer]]:
    """The same for a capture, whose datagrams to or from `port` are read as `protocol`."""
    # The dissectors of what payloads hold stay out: where they fail, the dissection of the RTP packet ends too.
    (folder / "disabled_protos").write_text("\n".join(_protocols(tshark) - PROTOCOLS))
    command = [tshark, "-n", "-r", str(capture), "-d", f"udp.port=={port},{protocol}", "-d", "rtp.pt==99,data"]
    output = _run([*command, "-T", "pdml", "-J", "udp rtp rtcp _ws.malformed"], folder)
    return [_layers(packet) for packet in ET.fromstring(output).iter("packet")]


@functools.cache
def _protocols(tshark: str) -> frozenset[str]:
    lines = _run([tshark, "-G", "protocols"], None).decode().splitlines()
    return frozenset(line.split("\t")[2] for line in lines)


def _run(command: list[str], configuration: Path | None) -> bytes:
    # Nobody's preferences: what is compared is what tshark does by itself.
    environment = {**os.environ, "LC_ALL": "C", "WIRESHARK_CONFIG_DIR": str(configuration or os.devnull)}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def _layers(packet: ET.Element) -> list[Layer]:
    layers = []
    start = 0
    for element in packet.iter("proto"):
        if element.get("name") == "udp":
            start = int(element.get("pos", "0")) + 8
        elif start:
            layers.append(Layer(element.get("name", ""), [_field(one, start) for one in element.iter("field")]))
    return layers


def _field(element: ET.Element, start: int) -> Field:
    # Of bits that share octets, `value` is the number of the bits alone; nothing here asks for its octets.
    value = element.get("value", "")
    octets = bytes.fromhex(value) if len(value) == 2 * int(element.get("size", "0")) else b""
    return Field(element.get("name", ""), element.get("show", ""), int(element.get("pos", "0")) - start, octets)
