# Canaries: idle ports of the relay's range that stay bound and were given to nobody, so whoever talks to one sprays.

from libc.stdint cimport uint32_t

from rtpcore.forward.leg cimport port
from rtpcore.track.strangers.own_ports cimport own_ports
from rtpcore.wire.address cimport transport_address


cdef enum:
    CANARIES_LIMIT = 256            # of a worker


cdef struct canary_set:
    port* ports                     # CANARIES_LIMIT of them, made with the first; not open: free
    uint32_t count                  # of those in use at least once


# An open port for the worker to watch, or NULL and -errno in *error. `own`: the ports of the relay, or NULL.
cdef port* canary_open(canary_set* set, own_ports* own, const transport_address* local, int* error) noexcept nogil
# The one at that port of the relay; NULL: none.
cdef port* canary_find(canary_set* set, uint32_t number) noexcept nogil
# The worker no longer watches it, or has ended.
cdef void canary_close(port* canary, own_ports* own) noexcept nogil
cdef void canary_close_all(canary_set* set, own_ports* own) noexcept nogil
