# An ICE-lite agent (RFC 8445) for one leg: whose checks are authentic, which pairs they validate, which one is used,
# and for how long (RFC 7675). Time is an argument; no socket is touched.

from libc.stdint cimport int8_t, uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.wire.address cimport transport_address
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_key


cdef enum:
    ICE_PAIRS = 8
    ICE_NO_PAIR = -1
    ICE_COMPONENTS = 2              # the RTP port, and the RTCP port
    ICE_FRAGMENT_LEAST = 4          # characters (RFC 8445 5.3)
    ICE_PASSWORD_LEAST = 22
    ICE_MOST = 256
    ICE_TRANSACTIONS = 1024         # of authenticated requests that are known when they come again; a power of two
    ICE_ANSWER_OCTETS = 112
    ICE_REFUSALS = 8                # a second, to those who cannot authenticate
    ICE_NEVER = 0x7FFFFFFFFFFFFFFF


cdef struct ice_pair:
    transport_address source        # the local end is the component's port
    uint64_t checked_ns             # of the last authenticated check
    uint32_t priority               # of the other end's candidate
    uint8_t component
    uint8_t nominated
    uint8_t former                  # of the credentials before these: goes on until its consent ends
    uint8_t in_use


cdef struct ice_agent:
    hmac_sha1_key key               # of the local password
    ice_pair pairs[ICE_PAIRS]
    int8_t selected[ICE_COMPONENTS]
    uint8_t lost                    # consent ended: these credentials are not good any more
    uint8_t has_validated           # a pair, under these credentials
    uint8_t refusals                # since refused_ns
    uint16_t fragment_octets
    uint16_t remote_octets          # 0: not signalled
    uint64_t refused_ns
    uint32_t transaction_count
    uint32_t transactions[ICE_TRANSACTIONS]
    uint8_t fragment[ICE_MOST]
    uint8_t remote[ICE_MOST]


cdef struct ice_answer:
    uint32_t size                   # 0: nothing is to be sent
    uint8_t validated               # the check came from a pair that may be used; `pair` says which
    uint8_t was_selected            # and it is now, which it was not before
    int8_t pair
    uint8_t octets[ICE_ANSWER_OCTETS]


cdef void ice_init(ice_agent* a, const uint8_t* fragment, uint16_t fragment_octets, const uint8_t* password,
                   size_t password_octets, const uint8_t* remote, uint16_t remote_octets) noexcept nogil
# What `before` has validated goes on: all of it under the same credentials, else its pairs until their consent ends.
cdef void ice_inherit(ice_agent* a, const ice_agent* before) noexcept nogil
# A STUN datagram. DROP_STUN: none of this agent's; else the reason under which it is counted. `eligible`: media may
# come from its source. `talking`: the selected pair's media comes, so that only a nomination takes its place.
cdef uint8_t ice_check(ice_agent* a, const datagram* d, bint eligible, bint talking, ice_answer* answer) noexcept nogil
cdef int ice_find(const ice_agent* a, const transport_address* source, uint8_t component) noexcept nogil
# The pair that is used, or NULL.
cdef const ice_pair* ice_selected(const ice_agent* a, uint8_t component) noexcept nogil
# Media moved to this pair: it is used from now on.
cdef void ice_select(ice_agent* a, int pair) noexcept nogil
# Ends pairs without a check for consent_ns. True: the last one of the RTP port has gone, which was at *gone.
cdef bint ice_expire(ice_agent* a, uint64_t now_ns, uint64_t consent_ns, transport_address* gone) noexcept nogil
# When ice_expire next has something to do, or ICE_NEVER.
cdef uint64_t ice_next_expiry(const ice_agent* a, uint64_t consent_ns) noexcept nogil
