# What signalling says of authentication (ice=, verify=, passthrough=), from Python to the struct that a latch reads.

cimport cython

from rtpcore.track.authentication.state cimport authentication


@cython.final
cdef class Verifier:
    cdef object function
    cdef bint reported                  # its first exception was


@cython.final
cdef class Vouching:
    cdef object ice                     # an IceCredentials, or None
    cdef Verifier verifier              # or None
    cdef frozenset passthrough          # of str


# What holds after a signal; `before` itself where nothing changes. None of an argument: as before. False: no more.
# ConfigurationError or TypeError.
cdef Vouching vouching_said(Vouching before, object ice, object verify, object passthrough)
# T.38 has nothing that ICE, a key or another protocol would vouch for here. ConfigurationError.
cdef int vouching_permits(Vouching said, bint udptl) except -1
# The struct for it, which is the caller's and must not outlive `said`; NULL where nothing was said. MemoryError.
cdef int vouching_make(Vouching said, authentication** out) except -1
# Keeps the callable alive and adds it to `held`, until that is released: the thread of the packets may call it.
cdef int vouching_hold(Vouching said, list held) except -1
cdef int vouching_release(list held) except -1
