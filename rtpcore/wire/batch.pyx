# Many RTP headers in one call (RFC 3550 5.1): the same judgement as rtp_parse, a row a packet, for numpy.
# Touches no Python object a packet, raises for no packet, and does not tell RTP from RTCP: that is demux's business.

from __future__ import annotations

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.pyport cimport PY_SSIZE_T_MAX
from libc.stdint cimport UINT32_MAX

from rtpcore.errors import ConfigurationError
from rtpcore.wire.argument cimport argument_buffer, argument_tuple, argument_writable
from rtpcore.wire.rtp cimport rtp_parse


cdef Py_ssize_t batch_parse(const uint8_t* data, size_t size, const int64_t* offsets, const int64_t* sizes,
                            Py_ssize_t count, rtp_header* rows) noexcept nogil:
    cdef Py_ssize_t index
    cdef size_t offset, octets
    for index in range(count):
        # Negative numbers become large ones, and fail the same comparisons. A row holds sizes of 32 bits.
        offset = <size_t>offsets[index]
        octets = <size_t>sizes[index]
        if offset > size or octets > size - offset or octets > UINT32_MAX:
            return index
        rtp_parse(data + offset, octets, False, &rows[index])
    return count


cdef int refuse(object offsets, object sizes, Py_ssize_t index, size_t size) except -1:
    import numpy
    cdef object offset = int(numpy.asarray(offsets)[index])
    cdef object octets = int(numpy.asarray(sizes)[index])
    if octets > UINT32_MAX:
        raise ConfigurationError(f"sizes[{index}] is {octets}, and a packet has at most {UINT32_MAX} octets.")
    raise ConfigurationError(f"offsets[{index}] is {offset} and sizes[{index}] is {octets}, "
                             f"which does not lie within the {size} octets of the buffer.")


cdef void* array_data(object array) except NULL:
    # The array is contiguous and ours alone, so its memory stays where it is after the view is given back.
    cdef Py_buffer view
    argument_writable(array, "rows", &view)
    cdef void* data = view.buf
    PyBuffer_Release(&view)
    return data


cdef object rows_of_one(object buffer, object offsets, object sizes):
    from rtpcore.wire.header_array import empty_headers, integers

    # These are copies, so nobody changes them while the lock of the interpreter is not held.
    cdef object starts = integers(offsets, "offsets")
    cdef object lengths = integers(sizes, "sizes")
    cdef Py_ssize_t count = len(starts)
    if len(lengths) != count:
        raise ConfigurationError(f"offsets has {count} members and sizes has {len(lengths)}.")
    cdef object array = empty_headers(count)
    cdef const int64_t* start = <const int64_t*>array_data(starts)
    cdef const int64_t* length = <const int64_t*>array_data(lengths)
    cdef rtp_header* rows = <rtp_header*>array_data(array)
    cdef Py_buffer data
    argument_buffer(buffer, "buffer", &data)
    cdef size_t size = <size_t>data.len
    cdef Py_ssize_t done
    with nogil:
        done = batch_parse(<const uint8_t*>data.buf, size, start, length, count, rows)
    PyBuffer_Release(&data)
    if done != count:
        refuse(offsets, sizes, done, size)
    return array


cdef int parse_member(object member, Py_ssize_t index, rtp_header* row) except -1:
    if PyBytes_CheckExact(member) and PyBytes_GET_SIZE(member) <= UINT32_MAX:
        rtp_parse(<const uint8_t*>PyBytes_AS_STRING(member), <size_t>PyBytes_GET_SIZE(member), False, row)
        return 0
    cdef Py_buffer view
    try:
        PyObject_GetBuffer(member, &view, PyBUF_SIMPLE)
    except (TypeError, BufferError):
        argument_buffer(member, f"Member {index} of the list", &view)
    if view.len <= UINT32_MAX:
        rtp_parse(<const uint8_t*>view.buf, <size_t>view.len, False, row)
    cdef Py_ssize_t octets = view.len
    PyBuffer_Release(&view)
    if octets > UINT32_MAX:
        raise ConfigurationError(f"Member {index} of the list has {octets} octets, "
                                 f"and a packet has at most {UINT32_MAX}.")
    return 0


cdef object rows_of_many(object datagrams):
    from rtpcore.wire.header_array import empty_headers

    cdef tuple members = argument_tuple(datagrams, "buffer", PY_SSIZE_T_MAX)
    cdef object array = empty_headers(len(members))
    cdef rtp_header* rows = <rtp_header*>array_data(array)
    cdef Py_ssize_t index
    for index in range(len(members)):
        parse_member(members[index], index, &rows[index])
    return array


def parse_batch(buffer, offsets=None, sizes=None):
    """Read the RTP headers of many packets into a numpy array, without a Python object a packet.

    Args: buffer, any contiguous buffer that holds the packets, with offsets and sizes, integers of any width in arrays
    of one length, in octets, of which packets may overlap; or, without offsets and sizes, an iterable of such buffers.
    Returns: a numpy array of HEADER_DTYPE, a row a packet in the same order. status is a ParseReason, 0 for a valid
    packet; in a row with another status only it and payload_offset, the offset of the octet at fault, are not 0.
    Offsets count from the first octet of the packet.
    Raises: TypeError or ConfigurationError, naming the value at fault, for arguments; nothing for a packet.
    Thread-safe; buffer must not change meanwhile, and the interpreter's lock is released while one buffer is parsed.
    RFC 3550 5.1 and A.1; each packet is read as RTP, so RTCP is for the caller to tell apart.
    """
    if offsets is None and sizes is None:
        if PyObject_CheckBuffer(buffer):
            raise TypeError(f"A single {type(buffer).__name__} needs offsets and sizes.")
        return rows_of_many(buffer)
    if offsets is None or sizes is None:
        raise TypeError(f"{'offsets' if offsets is None else 'sizes'} is missing: offsets and sizes go together.")
    return rows_of_one(buffer, offsets, sizes)
