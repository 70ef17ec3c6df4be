# The accepted source under authentication: rows 9 and 11 by one packet, without silence, continuity or quota where the
# key vouches for the packet itself (verify). Where a check vouches for its address alone (ICE), which can be forged,
# the SSRC pin holds as ever, and the address moves with the pinned stream or with the pair that is used.

from libc.stdint cimport uint8_t

from rtpcore.track.authentication.ice cimport ice_find, ice_selected
from rtpcore.track.authentication.judge cimport latch_follow_pair, latch_has_ice
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_AUTHENTICATED, EVENT_RELATCHED, EVENT_SSRC_CHANGED
from rtpcore.track.latch.acceptance cimport accept_address, accept_settled, accept_stream, accept_stream_onward
from rtpcore.track.latch.continuity cimport stream_step
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.hold cimport hold_chain_init
from rtpcore.track.latch.observation cimport latch_observe, latch_view
from rtpcore.track.latch.pinned cimport pinned_settle
from rtpcore.track.latch.policy cimport TIER_AUTHENTICATED
from rtpcore.track.latch.scope cimport signalling_negotiates
from rtpcore.track.latch.seniority cimport seniority_forget
from rtpcore.track.latch.state cimport (
    ACTION_DROP,
    ACTION_FORWARD,
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    latch,
    latch_verdict,
)
from rtpcore.track.reason cimport DROP_NONE, DROP_NOT_ACCEPTED_SOURCE
from rtpcore.track.sending.destination cimport latch_choose_destination
from rtpcore.wire.address cimport address_equal

cdef enum:
    SILENT_NS = 60_000_000              # three packets of 20 ms
    SSRC_ROW = 9
    KEY_ROW = 11
    PAIR_ROW = 19


cdef bint is_silent(const latch* l, const datagram* d) noexcept nogil:
    return d.drained and d.now_ns - l.last_accepted_ns >= SILENT_NS


cdef void forward(latch* l, uint8_t row, latch_verdict* verdict) noexcept nogil:
    verdict.action = ACTION_FORWARD
    verdict.reason = DROP_NONE
    verdict.row = row


cdef bint pair_leads(const latch* l, const datagram* d) noexcept nogil:
    # The pair of this packet is used already, or was checked no longer ago than the one that is. What is still on its
    # way from a pair that was left does not lead back.
    cdef int pair = ice_find(l.authentication.ice, &d.source, 0)
    if ice_selected(l.authentication.ice, 0) == &l.authentication.ice.pairs[pair]:
        return True
    return (l.authentication.ice.pairs[pair].checked_ns >= ice_selected(l.authentication.ice, 0).checked_ns
            or is_silent(l, d))


cdef void begin_stream(latch* l, const datagram* d) noexcept nogil:
    accept_stream(l, d)
    l.pinned_since_ns = d.now_ns
    l.last_accepted_ns = d.now_ns


cdef void move(latch* l, const datagram* d, bint goes_on, latch_verdict* verdict) noexcept nogil:
    cdef uint8_t row = PAIR_ROW if latch_has_ice(l) else KEY_ROW
    cdef latch_view view
    latch_event(l, d.now_ns, EVENT_RELATCHED, DETAIL_AUTHENTICATED, d)
    latch_observe(l, d, &view)
    accept_address(l, d, &view, TIER_AUTHENTICATED, row)
    l.roaming = False
    seniority_forget(l)
    if goes_on:
        accept_stream_onward(l, d)
        l.last_accepted_ns = d.now_ns
    else:
        begin_stream(l, d)
    latch_choose_destination(l)
    latch_follow_pair(l)
    accept_settled(l, d.now_ns)
    forward(l, row, verdict)


cdef void move_elsewhere(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    cdef bint same_ssrc = d.ssrc == l.pinned.ssrc
    cdef bint by_key = l.authentication.verify != NULL
    cdef bint newer = not same_ssrc or stream_step(&l.pinned, d.header.sequence_number) > 0
    if newer and (not latch_has_ice(l) or pair_leads(l, d)) and (same_ssrc or is_silent(l, d) or not by_key):
        move(l, d, same_ssrc, verdict)
    elif same_ssrc or by_key:
        forward(l, PAIR_ROW if latch_has_ice(l) else KEY_ROW, verdict)      # late, or another stream of the party
    else:
        verdict.action = ACTION_DROP
        verdict.reason = DROP_NOT_ACCEPTED_SOURCE
        verdict.row = PAIR_ROW


cdef void follow_key(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    # Another SSRC beside one that talks is heard without the pin.
    if d.ssrc == l.pinned.ssrc:
        if stream_step(&l.pinned, d.header.sequence_number) > 0:
            begin_stream(l, d)
    elif is_silent(l, d):
        latch_event(l, d.now_ns, EVENT_SSRC_CHANGED, DETAIL_AUTHENTICATED, d)
        begin_stream(l, d)
    forward(l, SSRC_ROW, verdict)


cdef bint latch_switch_authentic(latch* l, const datagram* d, latch_verdict* verdict) noexcept nogil:
    if not l.has_accepted or l.state == LATCH_CLOSED or l.state == LATCH_ARMED or l.state == LATCH_EXPIRED:
        return False
    if d.header.payload_size == 0 or not signalling_negotiates(&l.signalled, d.header.payload_type):
        return False
    hold_chain_init(&verdict.released)
    if not address_equal(&d.source, &l.accepted):
        move_elsewhere(l, d, verdict)
    elif l.authentication.verify != NULL:
        follow_key(l, d, verdict)
    else:
        return False
    pinned_settle(l)
    return True
