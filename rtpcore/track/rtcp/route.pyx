# RTCP goes where the party at the RTP destination gets its RTCP: it follows when media moves, and comes back with it.
# Without rtcp-mux that is where its reports came from, else the a=rtcp address (RFC 3605).

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.track.authentication.ice cimport ice_pair, ice_selected
from rtpcore.track.authentication.judge cimport latch_has_ice
from rtpcore.track.latch.observation cimport latch_owns
from rtpcore.track.latch.policy cimport SEND_TO_ACCEPTED_IF_PRIVATE, SEND_TO_DECLARED
from rtpcore.track.latch.scope cimport scope_routable
from rtpcore.track.latch.state cimport LATCH_CLOSED, LATCH_EXPIRED, latch
from rtpcore.track.reason cimport DROP_NO_DESTINATION, DROP_OTHER_MEDIA
from rtpcore.track.rtcp.latch cimport rtcp_latch, rtcp_latch_displaced, rtcp_latch_is_declared
from rtpcore.track.sending.destination cimport latch_may_report, latch_may_send
from rtpcore.wire.address cimport address_equal, address_same_host, transport_address


cdef const transport_address* heard_from(const rtcp_latch* r, const latch* l) noexcept nogil:
    # Where the RTCP of the party at the RTP destination came from, as far as anything came.
    cdef const transport_address* found = NULL
    if not r.has_accepted:
        return NULL
    if l.has_destination and r.has_media and not address_equal(&r.media, &l.destination):
        found = rtcp_latch_displaced(r, &l.destination)
    return found if found != NULL else &r.accepted


cdef bint belongs(const latch* l, const transport_address* reports) noexcept nogil:
    # On the host to which media goes; or an a=rtcp address on a host of its own, which has not moved with the media.
    if l.has_destination and address_same_host(reports, &l.destination):
        return True
    return rtcp_latch_is_declared(l, reports) and not (
        l.has_destination and l.signalled.has_declared and address_same_host(&l.signalled.declared, reports))


cdef bint rtcp_latch_destination(const rtcp_latch* r, const latch* l, transport_address* out) noexcept nogil:
    cdef bint declared = (l.signalled.has_declared_rtcp
                          and scope_routable(&l.signalled.declared_rtcp, l.interface_class)
                          and not latch_owns(l, &l.signalled.declared_rtcp))
    cdef bint declared_first = l.policy.send_to == SEND_TO_DECLARED or (
        l.policy.send_to == SEND_TO_ACCEPTED_IF_PRIVATE and declared)
    cdef const transport_address* heard
    cdef const ice_pair* pair
    if l.state == LATCH_CLOSED or l.state == LATCH_EXPIRED:
        return False
    if l.how.rtcp_mux:
        out[0] = l.destination
        return l.has_destination
    if latch_has_ice(l):
        pair = ice_selected(l.authentication.ice, 1)
        if pair != NULL:
            out[0] = pair.source
        return pair != NULL
    heard = heard_from(r, l)
    if heard != NULL and not declared_first and belongs(l, heard):
        out[0] = heard[0]
        return True
    if declared and (declared_first or belongs(l, &l.signalled.declared_rtcp)):
        out[0] = l.signalled.declared_rtcp
        return True
    return False


cdef uint8_t rtcp_latch_may_send(const rtcp_latch* r, latch* l, uint64_t now_ns, uint32_t octets,
                                 transport_address* out) noexcept nogil:
    if l.how.udptl:
        return DROP_OTHER_MEDIA
    if not rtcp_latch_destination(r, l, out):
        return DROP_NO_DESTINATION
    if l.how.rtcp_mux:
        return latch_may_send(l, now_ns, octets)
    return latch_may_report(l, out, latch_has_ice(l) or (r.has_accepted and address_same_host(out, &r.accepted)),
                            now_ns, octets)
