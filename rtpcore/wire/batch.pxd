# Many RTP headers in one call, as rows of struct rtp_header: for analysis of what has been captured or received.

from libc.stdint cimport int64_t, uint8_t

from rtpcore.wire.rtp cimport rtp_header


# Row i is the header of the sizes[i] octets at data + offsets[i], or its status and the offset at fault. Returns
# `count`, or the index of the first packet that does not lie within the data, from which on nothing is written.
cdef Py_ssize_t batch_parse(const uint8_t* data, size_t size, const int64_t* offsets, const int64_t* sizes,
                            Py_ssize_t count, rtp_header* rows) noexcept nogil
