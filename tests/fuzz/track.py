"""What is fuzzed of track/: scenarios in virtual time, and what must hold after every step."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

from rtpcore.errors import ConfigurationError, ParseError
from rtpcore.track.latch.policy import LatchPolicy
from rtpcore.track.latch.standalone import Latch
from rtpcore.track.latch.state import LatchState
from rtpcore.track.latch.verdict import Action
from rtpcore.track.reason import Reason
from rtpcore.track.reception import SsrcTable
from rtpcore.track.source import SourceState, SourceVerdict
from rtpcore.wire.demux import PacketKind, classify
from rtpcore.wire.rtcp.goodbye import Goodbye
from rtpcore.wire.rtcp.report import ReceiverReport, ReportBlock, SenderReport
from tests.fuzz.script import MS, SSRCS, STEPS_MS, Script, Streams
from tests.fuzz.wire import exact

ADDRESSES = (
    ("203.0.113.10", 40000), ("203.0.113.10", 40001), ("203.0.113.10", 5004), ("198.51.100.66", 7777),
    ("192.168.1.10", 5004), ("127.0.0.1", 5004), ("2001:db8::10", 40000), ("::ffff:203.0.113.10", 40000),
    ("0.0.0.0", 0), ("224.0.0.1", 5004), ("203.0.113.10", 5005),
)  # fmt: skip
PARTY = ADDRESSES[0]
EVENTS = ("answer", "early", "refresh", "reinvite", "hold", "resume", "close", "nonsense")
PROFILES = ("guarded", "guarded", "strict", "mobile", "open", "declared")
DIRECTIONS = ("sendrecv", "sendrecv", "sendonly", "recvonly", "inactive")


def compound(script: Script) -> bytes:
    """RTCP from one source about others, or any octets."""
    how = script.octet()
    if how % 4 == 0:
        return script.octets(how >> 2)
    ssrc = script.choice(SSRCS)
    block = ReportBlock(ssrc=script.choice(SSRCS), extended_highest_sequence_number=how, last_sr=how << 16)
    if how % 4 == 1:
        report = SenderReport(ssrc=ssrc, ntp_timestamp=how << 32, rtp_timestamp=0, packet_count=1, octet_count=1)
        return report.serialize()
    octets = ReceiverReport(ssrc=ssrc, reports=[block]).serialize()
    return octets + Goodbye(ssrcs=[ssrc]).serialize() if how % 4 == 3 else octets


class LatchScenario:
    """One latch, what it was told, and what it must not do."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.streams = Streams()
        self.now_ns = 0
        self.held: Counter[bytes] = Counter()
        interface = script.choice((None, ("203.0.113.7", 30000), ("10.0.0.5", 30000), ("2001:db8::7", 30000)))
        how = script.octet()
        self.latch = Latch(
            LatchPolicy(
                script.choice(PROFILES),
                pre_answer=script.choice(("hold", "hold", "drop")),
                prefix4=32 if how & 1 else 24,
                learn_window_ms=5000 if how & 2 else 200,
                early_budget_ms=None if how & 4 else 10000,
            ),
            interface,
        )
        if how & 8:
            self.publish()
            self.latch.signal(self.now_ns, "answer", ADDRESSES[how >> 4 & 7], [PARTY[0]], rtcp_mux=bool(how & 128))

    def step(self) -> None:
        steps = (self.receive, self.receive, self.receive, self.burst, self.burst, self.burst, self.receive_rtcp,
                 self.receive_rtcp, self.signal, self.publish, self.tick, self.tell, self.look)  # fmt: skip
        self.now_ns += self.script.choice(STEPS_MS) * MS
        self.script.choice(steps)()
        assert self.latch.state in LatchState

    def publish(self) -> None:
        self.latch.publish(self.now_ns)

    def tick(self) -> None:
        self.latch.tick(self.now_ns)
        assert self.latch.may_send(self.now_ns) in Reason

    def tell(self) -> None:
        if self.script.octet() & 1:
            self.latch.add_own_address(self.script.choice(ADDRESSES))
        else:
            self.latch.add_sent_ssrc(self.script.choice(SSRCS))

    def look(self) -> None:
        assert self.latch.explain()
        assert all(event.count >= 1 for event in self.latch.events())
        for name in ("destination", "rtcp_accepted_source", "rtcp_destination", "ssrc"):
            getattr(self.latch, name)

    def signal(self) -> None:
        script = self.script
        how = script.octet()
        said: dict[str, Any] = {"signalling": [script.choice(ADDRESSES)[0]] if how & 1 else []}
        said["declared"] = script.choice(ADDRESSES) if how & 2 else None
        said["payload_types"] = {0: 8000, 101: 8000} if how & 4 else None
        said["rtcp"] = script.choice(ADDRESSES) if how & 8 else None
        said["rtcp_mux"] = (None, True, False, None)[how >> 4 & 3]
        said["ssrcs"] = [script.choice(SSRCS)] if how & 64 else []
        said["branch"] = script.choice((None, "a", "b")) if how & 128 else None
        said["direction"] = script.choice(DIRECTIONS)
        before = self.latch.state
        try:
            self.latch.signal(self.now_ns, script.choice(EVENTS), **said)
        except ConfigurationError:
            assert self.latch.state in (before, *LatchState), "a refused signal changes nothing but time"

    def datagram(self, source: tuple[str, int]) -> bytes:
        how = self.script.octet()
        if how < 16:
            return self.script.octets(how * 4)
        return self.streams.packet(self.script, source, self.script.choice(SSRCS))

    def burst(self) -> None:
        """Packets as a phone sends them, every 20 ms."""
        how = self.script.octet()
        source = PARTY if how & 1 else self.script.choice(ADDRESSES)
        ssrc = SSRCS[2] if how & 2 else self.script.choice(SSRCS)
        for _ in range(1 + (how >> 2)):
            self.now_ns += 20 * MS
            self.judge(source, self.streams.next(source, ssrc))

    def receive(self) -> None:
        source = self.script.choice(ADDRESSES)
        self.judge(source, self.datagram(source))

    def judge(self, source: tuple[str, int], datagram: bytes) -> None:
        verdict = self.latch.receive(self.now_ns, source, exact(datagram))
        released = Counter(verdict.released)
        self.check(verdict)
        if classify(datagram) is not PacketKind.RTP:
            return
        assert released <= self.held, "what is released was held, and once"
        self.held -= released
        if verdict.action is Action.HOLD:
            self.held[datagram] += 1
        elif verdict.action is Action.FORWARD:
            accepted = self.latch.accepted_source
            shown = ("203.0.113.10", source[1]) if source[0].startswith("::ffff:") else source
            assert accepted == shown, f"{shown} is forwarded and {accepted} is accepted"

    def receive_rtcp(self) -> None:
        self.check(self.latch.receive_rtcp(self.now_ns, self.script.choice(ADDRESSES), exact(compound(self.script))))

    def check(self, verdict: Any) -> None:
        assert (verdict.action is Action.DROP) == (verdict.reason is not Reason.NONE)
        assert not verdict.released or verdict.action is Action.FORWARD
        assert self.latch.state is not LatchState.EXPIRED or verdict.action is Action.DROP


def latch(data: bytes) -> None:
    """Latch: any scenario of signals and datagrams from any source; nothing unqualified gets through."""
    script = Script(data)
    scenario = LatchScenario(script)
    while not script.ended:
        scenario.step()
    scenario.look()


def ssrc_table(data: bytes) -> None:
    """SsrcTable: any packets from any sources; bounded, and with figures that can be."""
    script = Script(data)
    streams = Streams()
    table = SsrcTable(1 + script.octet() % 5)
    now_ns = 0
    while not script.ended:
        now_ns += script.choice(STEPS_MS) * MS
        source = script.choice((None, *ADDRESSES))
        kind = script.octet() % 16
        ssrc = script.choice(SSRCS)
        with suppress(ParseError):
            if kind < 11:
                rate: Any = script.choice((8000, 90000, 1, {0: 8000, 8: 16000}))
                packet = script.octets(kind) if kind < 1 else streams.packet(script, None, ssrc)
                assert table.update(exact(packet), now_ns, rate, source) in SourceVerdict
            elif kind == 11:
                table.update_rtcp(exact(compound(script)), now_ns, source, reduced_size=bool(ssrc & 1))
            elif kind == 12:
                table.goodbye(ssrc)
            elif kind == 13:
                assert len(table.report_blocks(now_ns)) <= min(31, table.max_sources)
            elif kind == 14:
                table.expire(now_ns)
            else:
                table.take_interval()
        check_sources(table, now_ns)


def check_sources(table: SsrcTable, now_ns: int) -> None:
    sources = table.sources(now_ns)
    assert len(sources) <= table.max_sources
    assert len({one.ssrc for one in sources}) == len(sources)
    for one in sources:
        assert one.state in SourceState
        assert 0 <= one.fraction_lost <= 255
        assert -(2**23) <= one.cumulative_lost < 2**23
        assert 0 <= one.extended_highest_sequence_number < 2**32
        assert 0 <= one.interarrival_jitter < 2**32
        assert one.first_ns <= one.last_ns <= now_ns
