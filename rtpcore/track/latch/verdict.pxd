# What a latch decided about one datagram, as a Python object.

cimport cython


@cython.final
cdef class LatchVerdict:
    cdef readonly object action
    cdef readonly object reason
    cdef readonly int row
    cdef readonly tuple released
    cdef readonly bytes answer


cdef LatchVerdict verdict_to_python(int action, int reason, int row, tuple released)
