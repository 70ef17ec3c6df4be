"""What a latch may be given, as random sequences, and who is in scope, in plain Python and slowly."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from rtpcore import LatchPolicy
from rtpcore.events import Address
from tests.behaviour.media import goodbye, receiver_report, rtp, sender_report

MS = 1_000_000
RELAY = ("203.0.113.7", 30000)
PHONE, PHONE_RTCP, NEIGHBOUR = ("198.51.100.10", 40000), ("198.51.100.10", 40001), ("198.51.100.10", 55555)
POOL = ("198.51.100.77", 40000)
SERVER, SERVER_RTCP = ("192.0.2.20", 6000), ("192.0.2.20", 6001)
STRANGER = ("192.0.2.66", 7777)
PRIVATE = ("192.168.1.10", 5004)
V6, V6_NEIGHBOUR = ("2001:db8:1:2::10", 5004), ("2001:db8:1:2::99", 5004)
MULTICAST, PORT_ZERO = ("224.0.0.1", 5004), ("198.51.100.10", 0)
SOURCES = [
    PHONE,
    PHONE_RTCP,
    NEIGHBOUR,
    POOL,
    SERVER,
    SERVER_RTCP,
    STRANGER,
    PRIVATE,
    V6,
    V6_NEIGHBOUR,
    MULTICAST,
    PORT_ZERO,
    RELAY,
]
DECLARED = [PHONE, SERVER, PRIVATE, V6, RELAY]
HOSTS = [PHONE[0], SERVER[0], PRIVATE[0], V6[0]]
USUAL_SOURCES = [PHONE, PHONE, PHONE, NEIGHBOUR, NEIGHBOUR, SERVER, POOL, V6]
SSRCS = [0, 1, 2, 0xFFFFFFFF]
UNROUTABLE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
]


@dataclass(frozen=True)
class Said:
    """What signalling has said so far."""

    declared: Address | None = None
    rtcp: Address | None = None
    hosts: tuple[str, ...] = ()
    known: bool = False
    mux: bool = False

    def after(self, event: str, said: dict[str, Any]) -> Said:
        if event == "close":
            return self
        declared = said.get("declared")
        hosts = tuple(said.get("signalling", ())) or self.hosts
        mux = self.mux if said.get("rtcp_mux") is None else said["rtcp_mux"]
        if event == "hold":
            return replace(self, hosts=hosts, known=True, mux=mux)
        rtcp = self.rtcp if declared is None else (declared[0], declared[1] + 1)
        return Said(self.declared if declared is None else declared, rtcp, hosts, True, mux)


def routable(address: Address) -> bool:
    """For a relay with a global address."""
    host = ipaddress.ip_address(address[0])
    return not (host.version == 4 and any(host in net for net in UNROUTABLE)) and not host.is_multicast


def eligible(address: Address) -> bool:
    return address not in (MULTICAST, PORT_ZERO, RELAY)


def in_prefix(a: str, b: str, policy: LatchPolicy) -> bool:
    first, second = ipaddress.ip_address(a), ipaddress.ip_address(b)
    if first.version != second.version:
        return False
    bits = policy.prefix4 if first.version == 4 else policy.prefix6
    return first in ipaddress.ip_network(f"{b}/{bits}", strict=False)


def in_scope(policy: LatchPolicy, said: Said, source: Address) -> bool:
    """Whether a packet from there may be forwarded at all."""
    if not said.known or not eligible(source):
        return False
    if policy.receive_from == "any":
        return True
    counts = said.declared is not None and (routable(said.declared) or said.declared[0] in said.hosts)
    if policy.receive_from == "declared":
        return counts and source == said.declared
    near = list(said.hosts) + ([said.declared[0]] if counts and said.declared else [])
    return any(source[0] == host or in_prefix(source[0], host, policy) for host in near)


@dataclass(frozen=True)
class Operation:
    """One call; `after_ms` since the one before."""

    after_ms: float
    kind: str
    source: Address = PHONE
    octets: bytes = b""
    event: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    ssrc: int = 0


def anybody() -> st.SearchStrategy[Address]:
    return st.sampled_from(USUAL_SOURCES) | st.sampled_from(USUAL_SOURCES) | st.sampled_from(SOURCES)


@st.composite
def bursts(draw: st.DrawFn) -> list[Operation]:
    """Packets of one stream, or of two in turn, in sequence but for what a network does to it."""
    talkers = draw(st.lists(st.tuples(anybody(), st.sampled_from(SSRCS)), min_size=1, max_size=2))
    number = draw(st.sampled_from([0, 7, 300, 65_530]))
    pace = draw(st.sampled_from([20, 20, 20, 20, 10, 60, 200, 1, 0])) / len(talkers)
    steps = draw(st.lists(st.sampled_from([1] * 12 + [2, 0, -1, -3, 7, 40, 5000]), min_size=1, max_size=12))
    payload_type = draw(st.sampled_from([0] * 8 + [101, 99]))
    size = draw(st.sampled_from([160] * 8 + [0]))
    found = []
    for step in steps:
        number += step
        for source, ssrc in talkers:
            found.append(Operation(pace, "rtp", source, rtp(number, ssrc, bytes(size), payload_type=payload_type)))
    return found


def calls() -> st.SearchStrategy[list[Operation]]:
    """The phone talks for a while, and from one sequence to the next for long enough to be locked."""

    def talk(count: int, ssrc: int) -> list[Operation]:
        return [Operation(20, "rtp", PHONE, rtp(1000 + number, ssrc)) for number in range(count)]

    return st.builds(talk, st.sampled_from([2, 5, 60, 260]), st.sampled_from(SSRCS))


@st.composite
def reports(draw: st.DrawFn) -> list[Operation]:
    source, ssrc = draw(st.sampled_from([PHONE_RTCP, PHONE, SERVER_RTCP]) | anybody()), draw(st.sampled_from(SSRCS))
    makers: list[Callable[[int], bytes]] = [sender_report, receiver_report, goodbye]
    made = draw(st.sampled_from(makers))
    port = draw(st.sampled_from(["rtcp", "rtcp", "rtp"]))
    after_ms = draw(st.sampled_from([0, 20, 1000, 5000, 11_000]))
    count = draw(st.integers(1, 3))
    return [Operation(after_ms, port, source, made(ssrc))] * count


@st.composite
def junk(draw: st.DrawFn) -> list[Operation]:
    octets = draw(st.binary(max_size=40) | st.binary(max_size=30).map(lambda tail: b"\x80" + tail))
    port = draw(st.sampled_from(["rtp", "rtcp"]))
    return [Operation(draw(st.sampled_from([0, 5])), port, draw(st.sampled_from(SOURCES)), octets)]


@st.composite
def signals(draw: st.DrawFn) -> list[Operation]:
    twice = st.sampled_from(["refresh", "reinvite", "hold", "resume"])
    event = draw(twice | twice | st.sampled_from(["answer", "early", "close"]))
    said: dict[str, Any] = {
        "declared": draw(st.none() | st.sampled_from(DECLARED)),
        "signalling": draw(st.lists(st.sampled_from(HOSTS), max_size=3)),
        "payload_types": {0: 8000, 101: 8000},
        "rtcp_mux": draw(st.sampled_from([None, None, None, True, False])),
        "direction": draw(st.sampled_from(["sendrecv", "sendrecv", "inactive", "sendonly"])),
        "branch": draw(st.sampled_from([None, None, "other"])),
        "ssrcs": draw(st.sampled_from([(), (), (2,)])),
        "reduced_size": draw(st.booleans()),
    }
    return [Operation(draw(st.sampled_from([0, 20, 1000])), "signal", event=event, said=said)]


def pauses() -> st.SearchStrategy[list[Operation]]:
    return st.sampled_from([1, 59, 60, 99, 100, 300, 401, 1000, 4999, 5000, 9999, 30_000]).map(
        lambda after_ms: [Operation(after_ms, "tick")]
    )


def loops() -> st.SearchStrategy[list[Operation]]:
    return st.sampled_from(SSRCS).map(lambda ssrc: [Operation(0, "loop", ssrc=ssrc)])


def answers() -> st.SearchStrategy[list[Operation]]:
    """Published and answered, so that most sequences get beyond that."""
    hosts = st.just([PHONE[0]]) | st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2)
    said = st.fixed_dictionaries({"declared": st.sampled_from(DECLARED), "signalling": hosts})
    return said.map(lambda said: [Operation(0, "publish"), Operation(0, "signal", event="answer", said=said)])


def sequences(published: bool = False) -> st.SearchStrategy[list[Operation]]:
    """Lists of calls; `published`: nothing is received before publish."""
    talk = st.one_of(bursts(), bursts(), calls())
    whatever = st.one_of(talk, talk, talk, reports(), signals(), pauses(), st.one_of(junk(), loops()))
    nothing: st.SearchStrategy[list[Operation]] = st.just([])
    early = nothing if published else st.one_of(nothing, nothing, bursts(), st.one_of(junk(), reports(), signals()))
    begin = answers() if published else st.one_of(answers(), answers(), answers(), st.just([Operation(0, "publish")]))
    parts = st.tuples(early, begin, nothing | calls() | calls(), st.lists(whatever, max_size=20))
    return parts.map(lambda parts: [*parts[0], *parts[1], *parts[2], *(one for part in parts[3] for one in part)])


def policies() -> st.SearchStrategy[LatchPolicy]:
    return st.builds(
        LatchPolicy,
        st.sampled_from(["guarded", "guarded", "guarded", "strict", "open", "declared"]),
        send_to=st.sampled_from([None, None, "declared", "accepted_if_private"]),
        ssrc_change=st.sampled_from([None, None, "any", "signal"]),
        pre_answer=st.sampled_from(["hold", "drop"]),
        prefix4=st.sampled_from([32, 32, 24]),
        prefix6=st.sampled_from([64, 128]),
        learn_window_ms=st.sampled_from([100, 1000, 5000]),
        consent_ms=st.sampled_from([30_000, 30_000, 700]),
    )


def timed(operations: list[Operation]) -> Iterator[tuple[int, Operation]]:
    """(now_ns, operation)."""
    now_ns = 1_000 * MS
    for operation in operations:
        now_ns += round(operation.after_ms * MS)
        yield now_ns, operation
