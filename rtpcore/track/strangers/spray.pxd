# Who talks to ports at random. One table for all workers of a relay: sources by keyed hash, and the ports each touched.
# No thread waits for another: a bucket that stays busy for microseconds is left alone, and that touch is not counted.

cimport cython
from libc.stdint cimport uint32_t, uint64_t

from rtpcore.wire.address cimport transport_address


cdef enum:
    SPRAY_BUCKETS = 512
    SPRAY_WAYS = 8                          # 4,096 sources
    SPRAY_MARKED_WAYS = 6                   # of a bucket; forged marks leave room for others to be counted
    SPRAY_PORTS = 8                         # foreign ports in SPRAY_WINDOW_NS make a sprayer
    SPRAY_WINDOW_NS = 10_000_000_000
    SPRAY_MARK_NS = 60_000_000_000


cdef struct spray_port:
    uint32_t number
    uint32_t touched_ms                     # modulo 2^32


cdef struct spray_source:
    uint64_t digest                         # of address and port
    uint64_t last_ns
    uint64_t until_ns                       # of the mark; 0: none
    spray_port ports[SPRAY_PORTS]
    uint32_t count                          # of ports; 0: free, unless marked


cdef struct spray_bucket:
    spray_source sources[SPRAY_WAYS]
    uint32_t busy


cdef struct spray_table:
    spray_bucket* buckets
    uint64_t key                            # random, so that nobody can choose who shares a bucket


# `source` talked to a port (a number of own_ports) where nothing vouches for it; `canary`: to one that nobody was
# given. True when that marks it, or renews its mark.
cdef bint spray_touch(spray_table* t, const transport_address* source, uint32_t port, bint canary,
                      uint64_t now_ns) noexcept nogil
cdef bint spray_marked(spray_table* t, const transport_address* source, uint64_t now_ns) noexcept nogil


@cython.final
cdef class SprayTable:
    cdef spray_table native
