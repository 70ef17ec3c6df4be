# The state of one latch (RFC 7362): the accepted source, the pinned stream, the destination, and what is being learnt.
# Data only; transition.pyx holds the rules that change it, latch.pyx the operations.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.authentication.state cimport authentication
from rtpcore.track.datagram cimport reading
from rtpcore.track.event cimport event_limit, event_ring
from rtpcore.track.latch.candidate cimport candidate_set
from rtpcore.track.latch.continuity cimport stream
from rtpcore.track.latch.hold cimport hold_chain
from rtpcore.track.latch.policy cimport MAX_SSRC, latch_policy
from rtpcore.track.latch.prepublish cimport prepublish_filter
from rtpcore.track.latch.scope cimport signalling
from rtpcore.track.sending.state cimport send_state
from rtpcore.track.strangers.own_ports cimport own_ports
from rtpcore.track.strangers.spray cimport spray_table
from rtpcore.wire.address cimport transport_address


cdef enum:
    OWN_ADDRESSES = 8
    SENT_SSRCS = 8
    SSRC_CHANGES = 4                        # accepted in SSRC_CHANGES_NS, not more
    SSRC_CHANGES_NS = 10_000_000_000
    SENIORS = 4
    COMPANIONS = MAX_SSRC - 1               # SSRCs beside the pinned one, where several are permitted
    RECENT = 64                             # packets whose ends are remembered
    GAP_PERIODS = 4
    GAP_PERIOD_NS = 2_500_000_000
    NO_TIMER = 0x7FFFFFFFFFFFFFFF

cdef enum latch_state:
    LATCH_CLOSED = 0
    LATCH_ARMED = 1
    LATCH_LEARNING = 2
    LATCH_PROVISIONAL = 3
    LATCH_LOCKED = 4
    LATCH_HELD = 5
    LATCH_RELEARNING = 6
    LATCH_EXPIRED = 7
    LATCH_ROAMING = 8                       # locked, and the destination is still to follow

cdef enum latch_action:
    ACTION_FORWARD = 0
    ACTION_HOLD = 1
    ACTION_DROP = 2


cdef struct latch_verdict:
    uint8_t action
    uint8_t reason                          # a drop_reason; DROP_NONE unless action is ACTION_DROP
    uint8_t row                             # of the transition table in docs/latching.md
    hold_chain released                     # forwarded before this packet, in order; the caller gives the slots back


cdef struct senior:
    # Who was displaced and has a right to come back: row 9 at the accepted address, row 12 from another.
    transport_address source
    stream stream
    uint64_t held_ns                        # how long it had the pin
    uint64_t until_ns                       # when it lost it
    uint8_t tier


cdef struct companion:
    # Another SSRC of the accepted source that is heard beside the pinned one.
    uint64_t arrival_ns
    uint32_t ssrc
    uint16_t sequence_number
    uint16_t unused


cdef struct latch:
    # The locked path touches only what stands up to `timer_ns`, and `recent`.
    transport_address accepted
    stream pinned
    uint64_t last_accepted_ns               # of the last accepted packet of the pinned SSRC
    uint64_t timer_ns                       # when latch_advance has something to do
    uint8_t steady                          # an accepted packet changes nothing but its stream: nobody else is examined
    uint8_t state
    uint8_t has_accepted                    # in PROVISIONAL, LOCKED, ROAMING, HELD and RELEARNING; a stream is pinned
    uint8_t accepted_tier                   # of rows 10 and 11: not worse than that of the source it goes on from
    uint8_t accepted_row                    # by which it was accepted
    uint8_t accepted_count                  # packets in sequence that it was accepted with
    uint8_t roaming                         # the destination is still to follow the accepted source
    uint8_t senior_count
    uint8_t companion_count
    # Sending.
    uint8_t has_destination
    uint8_t destination_proven              # a valid packet came from its host
    uint8_t clear_to_send                   # nothing stands between a packet and the destination: no question is asked
    uint8_t interface_class                 # address_class of the leg's advertised address
    uint8_t own_count
    uint8_t sent_count
    uint8_t change_index
    reading how
    transport_address destination
    send_state sending
    latch* other                            # of the session's other leg, whose early budget is the same; or NULL
    # Learning.
    uint64_t learning_since_ns
    uint64_t window_since_ns                # of PROVISIONAL and RELEARNING
    uint64_t pinned_since_ns
    uint64_t accepted_since_ns
    uint64_t roam_since_ns                  # from when on its stream was not contested
    uint64_t gaps_since_ns
    uint32_t gaps_ns[GAP_PERIODS]           # the longest of each period before the present one
    uint16_t recent[RECENT]                 # by sequence number: which, and how it ended
    transport_address authenticated         # which an authenticated check came from (ICE): T0
    uint8_t has_authenticated
    uint64_t heard_ns                       # of the last sign of life of the accepted party that was no RTP
    uint64_t bye_ns                         # when the pinned SSRC said goodbye; 0: it did not
    senior seniors[SENIORS]                 # the oldest first
    companion companions[COMPANIONS]
    uint64_t ssrc_changes_ns[SSRC_CHANGES]
    uint32_t sent_ssrcs[SENT_SSRCS]
    transport_address own[OWN_ADDRESSES]
    own_ports* ports                        # of the relay; NULL: no relay
    uint32_t port                           # this leg's among them
    uint32_t rtcp_port
    spray_table* sprayers                   # of the relay, or NULL
    latch_policy policy
    signalling signalled
    candidate_set candidates
    prepublish_filter talkers
    event_limit limit
    event_ring* events
    authentication* authentication          # NULL: nothing but addresses vouches for packets
    uint64_t leg                            # for events


cdef inline void latch_wake_at(latch* l, uint64_t when_ns) noexcept nogil:
    if when_ns < l.timer_ns:
        l.timer_ns = when_ns
