# Copying out what is counted for one leg, and the one place where a snapshot becomes a Python object.

from libc.stdint cimport uint64_t
from libc.string cimport memset

from rtpcore.track.leg_stats import FlowStats, LegStats, Reported
from rtpcore.track.reason import Reason
from rtpcore.track.latch.state import LatchState

from rtpcore.track.latch.candidate cimport candidate_holding
from rtpcore.track.latch.state cimport latch
from rtpcore.track.reason cimport DROP_REASON_COUNT
from rtpcore.track.rtcp.latch cimport rtcp_latch, rtcp_latch_accepted
from rtpcore.track.rtcp.report cimport report_state
from rtpcore.track.rtcp.route cimport rtcp_latch_destination
from rtpcore.track.source cimport source, source_cumulative_lost, source_expected, source_extended_highest
from rtpcore.track.ssrc cimport ssrc_find, ssrc_table
from rtpcore.wire.address cimport address_to_python, transport_address


cdef void take_source(leg_snapshot* out, ssrc_table* sources) noexcept nogil:
    cdef source* s = ssrc_find(sources, out.ssrc)
    if s == NULL:
        return
    out.packets_expected = source_expected(s)
    out.packets_counted = s.received
    out.duplicates = s.duplicates
    out.reordered = s.reordered
    out.extended_highest_sequence_number = source_extended_highest(s)
    out.cumulative_lost = source_cumulative_lost(s)
    out.interarrival_jitter = s.jitter >> 4
    out.payload_type = s.payload_type


cdef void stats_take(leg_snapshot* out, uint64_t leg, const leg_counters* counters, const latch* l,
                     const rtcp_latch* r, const report_state* reports, ssrc_table* sources) noexcept nogil:
    cdef const transport_address* reports_from
    memset(out, 0, sizeof(leg_snapshot))
    out.leg = leg
    out.counters = counters[0]
    out.holding = candidate_holding(&l.candidates) + r.held.count
    out.state = l.state
    out.has_accepted = l.has_accepted
    out.accepted = l.accepted
    out.has_destination = l.has_destination
    out.destination = l.destination
    reports_from = rtcp_latch_accepted(r, l)
    out.has_rtcp_accepted = reports_from != NULL
    if reports_from != NULL:
        out.rtcp_accepted = reports_from[0]
    out.has_rtcp_destination = rtcp_latch_destination(r, l, &out.rtcp_destination)
    out.has_ssrc = l.pinned.valid
    out.ssrc = l.pinned.ssrc
    out.has_reported = reports.has_reported
    out.has_round_trip = reports.has_round_trip
    out.reported_ns = reports.reported_ns
    out.round_trip_ns = reports.round_trip_ns
    out.reported_lost = reports.cumulative_lost
    out.reported_jitter = reports.jitter
    out.reported_highest = reports.highest
    out.reported_fraction = reports.fraction_lost
    if l.pinned.valid:
        take_source(out, sources)


cdef object flow_to_python(const flow_counters* flow):
    return FlowStats(flow.received, flow.received_octets, flow.forwarded, flow.sent, flow.sent_octets)


cdef object reported_to_python(const leg_snapshot* s):
    return Reported(
        time_ns=s.reported_ns,
        fraction_lost=s.reported_fraction / 256,
        cumulative_lost=s.reported_lost,
        extended_highest_sequence_number=s.reported_highest,
        interarrival_jitter=s.reported_jitter,
        round_trip_ns=s.round_trip_ns if s.has_round_trip else None,
    )


cdef object snapshot_to_python(const leg_snapshot* s, str leg):
    cdef int reason
    return LegStats(
        leg=leg,
        state=LatchState(s.state),
        accepted_source=address_to_python(&s.accepted) if s.has_accepted else None,
        destination=address_to_python(&s.destination) if s.has_destination else None,
        rtcp_accepted_source=address_to_python(&s.rtcp_accepted) if s.has_rtcp_accepted else None,
        rtcp_destination=address_to_python(&s.rtcp_destination) if s.has_rtcp_destination else None,
        rtp=flow_to_python(&s.counters.rtp),
        rtcp=flow_to_python(&s.counters.rtcp),
        dropped={Reason(reason): s.counters.drops[reason]
                 for reason in range(<int>DROP_REASON_COUNT) if s.counters.drops[reason]},
        holding=s.holding,
        keepalives_sent=s.counters.keepalives_sent,
        kernel_dropped=s.kernel_dropped,
        kernel_locked=bool(s.kernel_locked),
        ssrc=s.ssrc if s.has_ssrc else None,
        payload_type=s.payload_type,
        packets_expected=s.packets_expected,
        packets_received=s.packets_counted,
        cumulative_lost=s.cumulative_lost,
        interarrival_jitter=s.interarrival_jitter,
        extended_highest_sequence_number=s.extended_highest_sequence_number,
        duplicates=s.duplicates,
        reordered=s.reordered,
        reported=reported_to_python(s) if s.has_reported else None,
    )


cdef list FLOW_FIELDS = ["received", "received_octets", "forwarded", "sent", "sent_octets"]


def snapshot_fields():
    """The numpy fields of a snapshot in memory order: list of (name, format, octet offset), and the size of one."""
    cdef leg_snapshot s
    cdef size_t base = <size_t>&s
    fields = [("leg_number", "u8", <size_t>&s.leg - base)]
    for flow, offset in (("rtp", <size_t>&s.counters.rtp - base), ("rtcp", <size_t>&s.counters.rtcp - base)):
        fields += [(f"{flow}_{name}", "u8", offset + 8 * index) for index, name in enumerate(FLOW_FIELDS)]
    fields += [
        ("dropped", f"({DROP_REASON_COUNT},)u8", <size_t>&s.counters.drops - base),
        ("keepalives_sent", "u8", <size_t>&s.counters.keepalives_sent - base),
        ("holding", "u8", <size_t>&s.holding - base),
        ("kernel_dropped", "u8", <size_t>&s.kernel_dropped - base),
        ("packets_expected", "u8", <size_t>&s.packets_expected - base),
        ("packets_received", "u8", <size_t>&s.packets_counted - base),
        ("duplicates", "u8", <size_t>&s.duplicates - base),
        ("reordered", "u8", <size_t>&s.reordered - base),
        ("ssrc", "u4", <size_t>&s.ssrc - base),
        ("extended_highest_sequence_number", "u4", <size_t>&s.extended_highest_sequence_number - base),
        ("cumulative_lost", "i4", <size_t>&s.cumulative_lost - base),
        ("interarrival_jitter", "u4", <size_t>&s.interarrival_jitter - base),
        ("reported", "u1", <size_t>&s.has_reported - base),
        ("reported_fraction_lost", "u1", <size_t>&s.reported_fraction - base),
        ("reported_cumulative_lost", "i4", <size_t>&s.reported_lost - base),
        ("reported_jitter", "u4", <size_t>&s.reported_jitter - base),
        ("round_trip_ns", "u8", <size_t>&s.round_trip_ns - base),
        ("state", "u1", <size_t>&s.state - base),
        ("latched", "u1", <size_t>&s.has_accepted - base),
        ("payload_type", "u1", <size_t>&s.payload_type - base),
        ("kernel_locked", "u1", <size_t>&s.kernel_locked - base),
    ]
    return fields, sizeof(leg_snapshot)
