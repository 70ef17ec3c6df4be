# Both directions go back at once, and that is told. No time limit: seniority ends with proof only (latch.pyx).

from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport DETAIL_NONE, EVENT_HIJACK_SUSPECTED, EVENT_REVERTED
from rtpcore.track.latch.acceptance cimport accept_held, accept_settled, accept_stream_onward
from rtpcore.track.latch.evidence cimport latch_event
from rtpcore.track.latch.observation cimport latch_view
from rtpcore.track.latch.seniority cimport SENIOR_NONE, seniority_restore
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.track.sending.destination cimport latch_choose_destination


cdef bint row_senior(const latch* l, const datagram* d, const latch_view* view) noexcept nogil:
    return view.senior != SENIOR_NONE


cdef void commit_senior(latch* l, const datagram* d, const latch_view* view, latch_verdict* verdict) noexcept nogil:
    latch_event(l, d.now_ns, EVENT_HIJACK_SUSPECTED, DETAIL_NONE, d)
    latch_event(l, d.now_ns, EVENT_REVERTED, DETAIL_NONE, d)
    seniority_restore(l, view.senior, d.now_ns)
    l.accepted_row = 12
    l.accepted_count = 1
    l.accepted_since_ns = l.heard_ns = d.now_ns
    l.companion_count = 0
    l.roaming = False
    accept_stream_onward(l, d)
    latch_choose_destination(l)
    accept_held(l, d, view, 0, verdict)
    accept_settled(l, d.now_ns)
