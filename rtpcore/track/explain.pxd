# A latch in sentences a person can read.

from rtpcore.track.latch_state cimport latch


cdef str explain_latch(const latch* l)
