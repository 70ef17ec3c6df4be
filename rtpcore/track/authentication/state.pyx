# Making and freeing what vouches for a leg's packets, and the rate at which the endpoints' own protocols are relayed.

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from rtpcore.track.authentication.ice cimport ice_agent, ice_inherit
from rtpcore.wire.address cimport address_equal, transport_address


cdef authentication* authentication_new(bint with_ice) noexcept nogil:
    cdef authentication* made = <authentication*>calloc(1, sizeof(authentication))
    if made != NULL and with_ice:
        made.ice = <ice_agent*>calloc(1, sizeof(ice_agent))
        if made.ice == NULL:
            free(made)
            return NULL
    return made


cdef void authentication_free(authentication* a) noexcept nogil:
    if a != NULL:
        free(a.ice)
        free(a)


cdef void authentication_inherit(authentication* a, const authentication* before) noexcept nogil:
    memcpy(a.sources, before.sources, sizeof(a.sources))
    if a.ice != NULL and before.ice != NULL:
        ice_inherit(a.ice, before.ice)


cdef passthrough_source* place_of(authentication* a, const transport_address* source, uint64_t now_ns) noexcept nogil:
    # Its own, else one that is free or whose second is over; NULL: so many sources at once are none of a call.
    cdef int index
    cdef passthrough_source* free_place = NULL
    for index in range(PASSTHROUGH_SOURCES):
        if a.sources[index].count and now_ns - a.sources[index].since_ns < PASSTHROUGH_NS:
            if address_equal(&a.sources[index].source, source):
                return &a.sources[index]
        elif free_place == NULL:
            free_place = &a.sources[index]
    if free_place != NULL:
        free_place.source = source[0]
        free_place.since_ns = now_ns
        free_place.count = 0
    return free_place


cdef bint passthrough_permits(authentication* a, const transport_address* source, uint64_t now_ns) noexcept nogil:
    cdef passthrough_source* place = place_of(a, source, now_ns)
    if place == NULL or place.count >= PASSTHROUGH_RATE:
        return False
    place.count += 1
    return True
