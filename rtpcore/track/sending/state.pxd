# What the send side of a latch remembers. Data only; budget, liveness and sending hold the rules.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from rtpcore.wire.address cimport transport_address


cdef enum:
    EARLY_HOSTS = 4


cdef struct early_host:
    # A host that was sent to before it had answered: signalling does not refill its budget.
    transport_address host
    uint64_t since_ns
    uint64_t octets


cdef struct way:
    # One 5-tuple, and what ICMP said of it.
    uint64_t paused_ns                  # when it was unreachable; 0: it is not
    uint64_t retried_ns                 # when one packet was sent all the same; 0: not yet


cdef struct send_state:
    uint64_t alive_ns                   # of the last datagram from the destination's host that was not row 8; 0: none
    uint64_t lost_ns                    # since when its host has been silent for the consent time; 0: it is not
    way media
    way reports                         # without rtcp-mux
    early_host early[EARLY_HOSTS]
    uint64_t received_octets            # of the accepted source while metered
    uint64_t sent_octets
    uint32_t received_packets
    uint32_t sent_packets
    uint8_t early_count
    uint8_t metered                     # accepted as a stranger: no more than three times of it goes back
