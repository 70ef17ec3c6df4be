# A STUN message as a Python object; the packet path reads stun_message of wire/stun/codec instead.

cimport cython
from libc.stdint cimport uint16_t


@cython.final
cdef class StunMessage:
    cdef readonly object message_class
    cdef readonly uint16_t method
    cdef readonly bytes transaction_id
    cdef readonly tuple attributes
    cdef readonly bint has_fingerprint
    cdef bytes octets                   # as parsed; None when made here
