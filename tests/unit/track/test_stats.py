"""Statistics of a leg: what a snapshot holds, its layout for numpy, and that every datagram has one fate."""

from __future__ import annotations

import dataclasses

import numpy as np

import rtpcore
from rtpcore import LatchPolicy, Reason
from rtpcore.track.reason import REASON_COUNT
from rtpcore.track.stats import snapshot_fields
from tests.behaviour.media import receiver_report, rtp
from tests.party import PORTS, Party, own_host, wait_until

# Columns that stand for a property with another name or that only the array has.
ARRAY_NAMES = {
    "leg_number",
    "dropped",
    "latched",
    "reported",
    "reported_fraction_lost",
    "reported_cumulative_lost",
    "reported_jitter",
    "round_trip_ns",
}


def test_the_columns_of_a_snapshot_do_not_overlap_and_lie_within_it() -> None:
    fields, size = snapshot_fields()
    places = sorted((offset, np.dtype(form).itemsize, name) for name, form, offset in fields)
    end = 0
    for offset, octets, name in places:
        assert offset >= end, name
        end = offset + octets
    assert end <= size
    assert len({name for name, _, _ in fields}) == len(fields)


def test_there_is_a_drop_counter_for_every_reason() -> None:
    assert rtpcore.STATS_DTYPE["dropped"].shape == (REASON_COUNT,)


def test_every_column_is_known_to_leg_stats() -> None:
    flows = {f"{flow}_{field.name}" for flow in ("rtp", "rtcp") for field in dataclasses.fields(rtpcore.FlowStats)}
    single = {field.name for field in dataclasses.fields(rtpcore.LegStats)}
    names = {name for name, _, _ in snapshot_fields()[0]}
    assert names - ARRAY_NAMES <= flows | single
    assert flows <= names


def test_every_datagram_has_exactly_one_fate() -> None:
    host = own_host()
    with (
        rtpcore.Relay([rtpcore.Interface(host)], PORTS, quarantine_s=0) as relay,
        Party() as phone,
        Party() as server,
        Party() as stranger,
    ):
        session = relay.create_session("call")
        legs = {name: session.add_leg(name, policy=LatchPolicy(learn_window_ms=100)) for name in ("phone", "server")}
        leg = legs["phone"]
        stranger.rtp.sendto(rtp(1, 66), leg.address)  # before publish
        for name, party in (("phone", phone), ("server", server)):
            legs[name].publish()
            legs[name].signal("answer", party.address, [party.address[0]], payload_types={0: 8000})
        stray = [b"", b"\x80", rtp(1, 66), receiver_report(1)]
        for octets in stray:
            stranger.rtp.sendto(octets, leg.address)
            stranger.rtcp.sendto(octets, leg.rtcp_address)
        phone.send(leg.address, 20)
        phone.rtp.sendto(rtp(40_000, phone.ssrc), leg.address)  # a jump that nothing confirms
        phone.rtp.sendto(rtp(1, 99), leg.address)  # another SSRC
        expected = 1 + 2 * len(stray) + 22
        wait_until(lambda: leg.stats().received == expected)
        stats = leg.stats()
        assert stats.rtp.forwarded == legs["server"].stats().rtp.sent == 20
        assert stats.holding == 2
        assert stats.received == stats.forwarded + sum(stats.dropped.values()) + stats.holding
        assert stats.dropped[Reason.NOT_PUBLISHED] == 1
        assert stats.dropped[Reason.STRAY_RTP] == stats.dropped[Reason.STRAY_RTCP] == 1
        # What is held is dropped in the end, under the reason for which it was held.
        wait_until(lambda: leg.stats().holding == 0)
        late = leg.stats()
        assert late.received == late.forwarded + sum(late.dropped.values()) == expected
        assert late.dropped[Reason.SEQUENCE_JUMP] == late.dropped[Reason.SSRC_NOT_ACCEPTED] == 1
        last = session.close()
        assert last is not None
        assert last.legs["phone"].dropped == late.dropped
