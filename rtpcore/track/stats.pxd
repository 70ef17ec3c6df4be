# What is counted for one leg. Conservation: received = forwarded + every drop + what is being held.

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.latch.state cimport latch
from rtpcore.track.reason cimport DROP_REASON_COUNT
from rtpcore.track.rtcp.latch cimport rtcp_latch
from rtpcore.track.rtcp.report cimport report_state
from rtpcore.track.ssrc cimport ssrc_table
from rtpcore.wire.address cimport transport_address


cdef struct flow_counters:
    uint64_t received               # datagrams that came in from this leg's port
    uint64_t received_octets
    uint64_t forwarded              # of those, sent on
    uint64_t sent                   # datagrams sent to this leg's peer
    uint64_t sent_octets


cdef struct leg_counters:
    flow_counters rtp               # by port, or by kind where rtcp-mux puts both on one port
    flow_counters rtcp
    uint64_t drops[DROP_REASON_COUNT]
    uint64_t keepalives_sent        # by both ports; in no flow


cdef struct leg_snapshot:
    # Plain values of one leg at one moment, consistent in themselves. STATS_DTYPE mirrors the layout.
    uint64_t leg
    leg_counters counters
    uint64_t holding
    uint64_t kernel_dropped
    uint64_t packets_expected       # of the pinned SSRC
    uint64_t packets_counted
    uint64_t duplicates
    uint64_t reordered
    transport_address accepted
    transport_address destination
    transport_address rtcp_accepted
    transport_address rtcp_destination
    uint32_t ssrc
    uint32_t extended_highest_sequence_number
    int32_t cumulative_lost
    uint32_t interarrival_jitter    # RTP units
    uint64_t reported_ns            # what the party says of the media sent to it, from here to has_round_trip
    uint64_t round_trip_ns
    int32_t reported_lost
    uint32_t reported_jitter
    uint32_t reported_highest
    uint8_t reported_fraction
    uint8_t has_reported
    uint8_t has_round_trip
    uint8_t state
    uint8_t has_accepted
    uint8_t has_destination
    uint8_t has_rtcp_accepted
    uint8_t has_rtcp_destination
    uint8_t has_ssrc
    uint8_t payload_type
    uint8_t kernel_locked


cdef void stats_take(leg_snapshot* out, uint64_t leg, const leg_counters* counters, const latch* l,
                     const rtcp_latch* r, const report_state* reports, ssrc_table* sources) noexcept nogil
# LegStats.
cdef object snapshot_to_python(const leg_snapshot* s, str leg)
