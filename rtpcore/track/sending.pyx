# Destination and early budget (RFC 4961; docs/latching.md, Sending).

from libc.stdint cimport uint8_t, uint64_t

from rtpcore.track.latch_state cimport EARLY_HOSTS, latch
from rtpcore.track.observation cimport latch_owns
from rtpcore.track.policy cimport SEND_TO_ACCEPTED, SEND_TO_DECLARED
from rtpcore.track.reason cimport DROP_EARLY_BUDGET, DROP_NO_DESTINATION, DROP_NONE
from rtpcore.track.scope cimport scope_routable, signalling_is_source
from rtpcore.wire.address cimport address_same_host, transport_address


cdef void latch_set_destination(latch* l, const transport_address* destination, bint proven) noexcept nogil:
    # A host that has answered once has, whatever signalling says later.
    l.destination_proven = proven or (l.has_destination and l.destination_proven
                                      and address_same_host(&l.destination, destination))
    l.destination = destination[0]
    l.has_destination = True


cdef void latch_choose_destination(latch* l) noexcept nogil:
    # Sending is a policy of its own: the declared address, or the accepted source (symmetric RTP, RFC 4961).
    cdef bint declared_usable = (l.signalled.has_declared and scope_routable(&l.signalled.declared, l.interface_class)
                                 and not latch_owns(l, &l.signalled.declared))
    cdef bint vouched
    if l.has_accepted and (l.policy.send_to == SEND_TO_ACCEPTED
                           or (l.policy.send_to != SEND_TO_DECLARED and not declared_usable)):
        latch_set_destination(l, &l.accepted, True)
    elif declared_usable:
        vouched = signalling_is_source(&l.signalled, &l.signalled.declared)
        latch_set_destination(l, &l.signalled.declared,
                              vouched or (l.has_accepted and address_same_host(&l.accepted, &l.signalled.declared)))
    else:
        l.has_destination = False


cdef int early_host(latch* l, const transport_address* to, uint64_t now_ns) noexcept nogil:
    # The budget of a host; -1 when too many hosts have been tried.
    cdef int index
    for index in range(l.early_count):
        if address_same_host(&l.early_hosts[index], to):
            return index
    if l.early_count == EARLY_HOSTS:
        return -1
    index = l.early_count
    l.early_hosts[index] = to[0]
    l.early_since_ns[index] = now_ns
    l.early_count += 1
    return index


cdef uint8_t latch_may_try_host(latch* l, const transport_address* to, uint64_t now_ns) noexcept nogil:
    cdef int index
    if l.policy.early_budget_ns == 0:
        return DROP_NONE
    index = early_host(l, to, now_ns)
    if index < 0 or now_ns - l.early_since_ns[index] >= l.policy.early_budget_ns:
        return DROP_EARLY_BUDGET
    return DROP_NONE


cdef uint8_t latch_may_try(latch* l, uint64_t now_ns) noexcept nogil:
    return latch_may_try_host(l, &l.destination, now_ns) if l.has_destination else <uint8_t>DROP_NO_DESTINATION
