# The packet path: what happens to one datagram between receive and send, stage by stage.

from libc.stdint cimport uint32_t

from rtpcore.forward.leg cimport leg, port
from rtpcore.forward.stranger cimport stranger_watch
from rtpcore.net.udp cimport send_batch, udp_errors
from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.hold cimport hold_pool
from rtpcore.track.stats cimport flow_counters


cdef struct path:
    # What the stages of one worker share. Packets wait in `outbox` as long as they leave by the same socket.
    send_batch outbox
    udp_errors errors
    hold_pool pool
    leg* sender                 # whose packets wait in the outbox
    flow_counters* flow         # their counters
    port* exit                  # the port they leave by
    stranger_watch watch
    flow_counters* exit_flow


cdef int path_init(path* p, uint32_t held_packets) noexcept nogil       # 0 or -ENOMEM
cdef void path_free(path* p) noexcept nogil
# The whole path of one datagram. Its octets must stay until path_flush.
cdef void path_packet(path* p, port* entry, datagram* d, bint truncated) noexcept nogil
# Sends what waits.
cdef void path_flush(path* p) noexcept nogil
