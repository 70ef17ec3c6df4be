# Stage "stranger": a datagram that was not forwarded came from somebody; is it a sprayer?

from rtpcore.forward.leg cimport port
from rtpcore.track.datagram cimport datagram
from rtpcore.track.event cimport event_limit, event_ring
from rtpcore.track.strangers.spray cimport spray_table


cdef struct stranger_watch:
    spray_table* sprayers       # of the relay; NULL: nobody is watched
    event_ring* events          # of the worker: a sprayer concerns no leg
    event_limit limit


# For a datagram that came to a leg's port and was not forwarded at once.
cdef void stage_stranger(stranger_watch* w, const port* entry, const datagram* d) noexcept nogil
# For one that came to a canary: a port that is bound and was given to nobody.
cdef void stage_canary(stranger_watch* w, const port* entry, const datagram* d) noexcept nogil
