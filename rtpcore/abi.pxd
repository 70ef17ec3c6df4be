# What a consumer of the declarations has compiled in, compared with what the library has: between two packages Cython
# checks the signatures of functions, and neither the layout of structs nor the values of constants.

from libc.stdint cimport uint64_t

from rtpcore.track.authentication.ice cimport ice_agent, ice_answer
from rtpcore.track.authentication.state cimport authentication
from rtpcore.track.datagram cimport datagram, reading
from rtpcore.track.event cimport event_record, event_ring
from rtpcore.track.latch.hold cimport held_packet, hold_chain, hold_pool
from rtpcore.track.latch.policy cimport latch_policy
from rtpcore.track.latch.scope cimport signalling
from rtpcore.track.latch.state cimport latch, latch_verdict
from rtpcore.track.reason cimport DROP_REASON_COUNT
from rtpcore.track.rtcp.latch cimport rtcp_latch
from rtpcore.track.source cimport source
from rtpcore.track.ssrc cimport ssrc_table
from rtpcore.wire.address cimport transport_address
from rtpcore.wire.extension cimport extension_element
from rtpcore.wire.rtcp.compound cimport rtcp_element
from rtpcore.wire.rtp cimport rtp_header


cdef enum:
    RTPCORE_ABI_VERSION = 1     # of the layouts, values and signatures that tests/api/abi_layout.json lists
    ABI_SIZES = 22


cdef struct abi_size:
    # What a consumer allocates. This struct and abi_check are all that may never change, whatever the version.
    const char* name
    size_t size


# The sizes of the public structs where this is compiled; new ones go to the end.
cdef inline void abi_list(abi_size* sizes) noexcept nogil:
    sizes[0] = abi_size(b"struct transport_address", sizeof(transport_address))
    sizes[1] = abi_size(b"struct rtp_header", sizeof(rtp_header))
    sizes[2] = abi_size(b"struct extension_element", sizeof(extension_element))
    sizes[3] = abi_size(b"struct rtcp_element", sizeof(rtcp_element))
    sizes[4] = abi_size(b"struct source", sizeof(source))
    sizes[5] = abi_size(b"struct ssrc_table", sizeof(ssrc_table))
    sizes[6] = abi_size(b"struct datagram", sizeof(datagram))
    sizes[7] = abi_size(b"struct reading", sizeof(reading))
    sizes[8] = abi_size(b"struct held_packet", sizeof(held_packet))
    sizes[9] = abi_size(b"struct hold_chain", sizeof(hold_chain))
    sizes[10] = abi_size(b"struct hold_pool", sizeof(hold_pool))
    sizes[11] = abi_size(b"struct event_record", sizeof(event_record))
    sizes[12] = abi_size(b"struct event_ring", sizeof(event_ring))
    sizes[13] = abi_size(b"struct latch_policy", sizeof(latch_policy))
    sizes[14] = abi_size(b"struct signalling", sizeof(signalling))
    sizes[15] = abi_size(b"struct latch", sizeof(latch))
    sizes[16] = abi_size(b"struct latch_verdict", sizeof(latch_verdict))
    sizes[17] = abi_size(b"struct rtcp_latch", sizeof(rtcp_latch))
    sizes[18] = abi_size(b"drops[DROP_REASON_COUNT]", DROP_REASON_COUNT * sizeof(uint64_t))
    sizes[19] = abi_size(b"struct authentication", sizeof(authentication))
    sizes[20] = abi_size(b"struct ice_agent", sizeof(ice_agent))
    sizes[21] = abi_size(b"struct ice_answer", sizeof(ice_answer))


# ImportError unless a consumer of that version and with those sizes may run with this library.
cdef int abi_check(int version, const abi_size* sizes, size_t count) except -1


# What a consumer calls when it is imported, with the RTPCORE_ABI_VERSION that it was compiled with.
cdef inline int rtpcore_check_abi(int version) except -1:
    cdef abi_size sizes[ABI_SIZES]
    abi_list(sizes)
    return abi_check(version, sizes, ABI_SIZES)
