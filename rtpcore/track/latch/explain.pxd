# A latch in sentences a person can read.

from libc.stdint cimport uint64_t

from rtpcore.track.latch.state cimport latch


# `now_ns`: of the latch's clock; times are told as durations up to then.
cdef str explain_latch(const latch* l, uint64_t now_ns)
