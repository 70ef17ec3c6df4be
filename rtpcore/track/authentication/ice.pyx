# The ICE-lite agent of a leg: it answers checks and makes none (RFC 8445 section 7.3, RFC 8489 section 9.1.3), so the
# checks that arrive are all the consent there is (RFC 7675). A check that comes again validates nothing: whoever heard
# it could send it from an address of his own.

from libc.stdint cimport int8_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from rtpcore.track.datagram cimport datagram
from rtpcore.track.reason cimport (
    DROP_CONSENT_LOST,
    DROP_NOT_VALIDATED,
    DROP_RATE_LIMIT,
    DROP_STUN,
    DROP_STUN_ANSWERED,
)
from rtpcore.wire.address cimport address_equal, transport_address
from rtpcore.wire.octets cimport load_u32, store_u16
from rtpcore.wire.stun.codec cimport (
    STUN_BINDING,
    STUN_ERROR,
    STUN_OFFSET_TRANSACTION,
    STUN_OK,
    STUN_REQUEST,
    STUN_SUCCESS,
    STUN_UNKNOWN_ATTRIBUTES,
    STUN_UNKNOWN_LISTED,
    stun_begin,
    stun_is_authentic,
    stun_message,
    stun_parse,
    stun_put,
    stun_put_error,
    stun_put_fingerprint,
    stun_put_integrity,
    stun_put_mapped,
    stun_writer,
)
from rtpcore.wire.stun.hmac_sha1 cimport hmac_sha1_prepare
from rtpcore.wire.validity cimport PARSE_RTP_BAD_VERSION

cdef enum:
    REFUSAL_WINDOW_NS = 1_000_000_000
    BAD_REQUEST = 400
    UNAUTHENTICATED = 401
    UNKNOWN_ATTRIBUTE = 420
    ROLE_CONFLICT = 487


# Credentials -------------------------------------------------------------------------------------------------------

cdef void ice_init(ice_agent* a, const uint8_t* fragment, uint16_t fragment_octets, const uint8_t* password,
                   size_t password_octets, const uint8_t* remote, uint16_t remote_octets) noexcept nogil:
    cdef int component
    memset(a, 0, sizeof(ice_agent))
    hmac_sha1_prepare(&a.key, password, password_octets)
    memcpy(a.fragment, fragment, fragment_octets)
    a.fragment_octets = fragment_octets
    if remote_octets:
        memcpy(a.remote, remote, remote_octets)
    a.remote_octets = remote_octets
    for component in range(ICE_COMPONENTS):
        a.selected[component] = ICE_NO_PAIR


cdef bint same_credentials(const ice_agent* a, const ice_agent* b) noexcept nogil:
    # The remote fragment may become known later than the first checks come.
    return (a.fragment_octets == b.fragment_octets and memcmp(a.fragment, b.fragment, a.fragment_octets) == 0
            and memcmp(&a.key, &b.key, sizeof(a.key)) == 0
            and (a.remote_octets == 0 or b.remote_octets == 0
                 or (a.remote_octets == b.remote_octets and memcmp(a.remote, b.remote, a.remote_octets) == 0)))


cdef void ice_inherit(ice_agent* a, const ice_agent* before) noexcept nogil:
    cdef int index
    memcpy(a.pairs, before.pairs, sizeof(a.pairs))
    memcpy(a.selected, before.selected, sizeof(a.selected))
    a.refusals = before.refusals
    a.refused_ns = before.refused_ns
    if same_credentials(a, before):
        a.lost = before.lost
        a.has_validated = before.has_validated
        a.transaction_count = before.transaction_count
        memcpy(a.transactions, before.transactions, sizeof(a.transactions))
        return
    for index in range(ICE_PAIRS):
        a.pairs[index].former = True
        a.pairs[index].nominated = False


cdef bint names_this_agent(const ice_agent* a, const stun_message* m) noexcept nogil:
    # RFC 8445 7.3: two fragments with a colon between them, of which the first is ours.
    return (m.username_size > a.fragment_octets + 1
            and memcmp(m.octets + m.username, a.fragment, a.fragment_octets) == 0
            and m.octets[m.username + a.fragment_octets] == 58)


cdef bint names_that_party(const ice_agent* a, const stun_message* m) noexcept nogil:
    # Of several branches of a fork, which all have our credentials, only the signalled one is this leg's party.
    return a.remote_octets == 0 or (
        m.username_size == a.fragment_octets + 1 + a.remote_octets
        and memcmp(m.octets + m.username + a.fragment_octets + 1, a.remote, a.remote_octets) == 0)


cdef bint is_repeated(ice_agent* a, const stun_message* m) noexcept nogil:
    # Whether this transaction has been here before; it has now.
    cdef const uint8_t* id = m.octets + STUN_OFFSET_TRANSACTION
    cdef uint32_t index, known = min(a.transaction_count, <uint32_t>ICE_TRANSACTIONS)
    cdef uint32_t digest = (load_u32(id) * <uint32_t>0x9E3779B1 ^ load_u32(id + 4)) * <uint32_t>0x85EBCA77
    digest = (digest ^ load_u32(id + 8)) * <uint32_t>0xC2B2AE3D
    for index in range(known):
        if a.transactions[index] == digest:
            return True
    a.transactions[a.transaction_count % ICE_TRANSACTIONS] = digest
    a.transaction_count += 1
    if a.transaction_count == 2 * ICE_TRANSACTIONS:
        a.transaction_count = ICE_TRANSACTIONS          # beyond the first round only the place matters
    return False


# Answers -----------------------------------------------------------------------------------------------------------

cdef uint8_t refuse(ice_agent* a, const datagram* d, uint16_t code, ice_answer* answer) noexcept nogil:
    # Without integrity, which needs credentials. Never longer than the request, and a few a second: nobody's weapon.
    cdef stun_writer w
    if d.now_ns - a.refused_ns >= REFUSAL_WINDOW_NS or a.refused_ns == 0:
        a.refused_ns = d.now_ns if d.now_ns else 1
        a.refusals = 0
    if a.refusals >= ICE_REFUSALS:
        return DROP_RATE_LIMIT
    stun_begin(&w, answer.octets, ICE_ANSWER_OCTETS, STUN_ERROR, STUN_BINDING, d.octets + STUN_OFFSET_TRANSACTION)
    stun_put_error(&w, code)
    stun_put_fingerprint(&w)
    if w.size <= d.size:
        a.refusals += 1
        answer.size = w.size
    return DROP_STUN_ANSWERED


cdef uint8_t finish(ice_agent* a, stun_writer* w, ice_answer* answer) noexcept nogil:
    stun_put_integrity(w, &a.key)
    stun_put_fingerprint(w)
    answer.size = w.size
    return DROP_STUN_ANSWERED


cdef uint8_t answer_error(ice_agent* a, const stun_message* m, uint16_t code, ice_answer* answer) noexcept nogil:
    # To somebody who has authenticated.
    cdef stun_writer w
    cdef uint8_t kinds[2 * STUN_UNKNOWN_LISTED]
    cdef int index
    stun_begin(&w, answer.octets, ICE_ANSWER_OCTETS, STUN_ERROR, STUN_BINDING, m.octets + STUN_OFFSET_TRANSACTION)
    stun_put_error(&w, code)
    if code == UNKNOWN_ATTRIBUTE:
        for index in range(m.unknown_count):
            store_u16(kinds + 2 * index, m.unknown[index])
        stun_put(&w, STUN_UNKNOWN_ATTRIBUTES, kinds, <uint16_t>(2 * m.unknown_count))
    return finish(a, &w, answer)


cdef uint8_t answer_success(ice_agent* a, const datagram* d, ice_answer* answer) noexcept nogil:
    cdef stun_writer w
    stun_begin(&w, answer.octets, ICE_ANSWER_OCTETS, STUN_SUCCESS, STUN_BINDING, d.octets + STUN_OFFSET_TRANSACTION)
    stun_put_mapped(&w, &d.source)
    return finish(a, &w, answer)


# Pairs -------------------------------------------------------------------------------------------------------------

cdef int ice_find(const ice_agent* a, const transport_address* source, uint8_t component) noexcept nogil:
    cdef int index
    for index in range(ICE_PAIRS):
        if (a.pairs[index].in_use and a.pairs[index].component == component
                and address_equal(&a.pairs[index].source, source)):
            return index
    return ICE_NO_PAIR


cdef const ice_pair* ice_selected(const ice_agent* a, uint8_t component) noexcept nogil:
    if a.selected[component] == ICE_NO_PAIR:
        return NULL
    return &a.pairs[<int>a.selected[component]]


cdef void ice_select(ice_agent* a, int pair) noexcept nogil:
    a.selected[a.pairs[pair].component] = <int8_t>pair


cdef int room_for_pair(const ice_agent* a) noexcept nogil:
    # A free place, else that of the pair that was checked longest ago and is not used.
    cdef int index, oldest = ICE_NO_PAIR
    for index in range(ICE_PAIRS):
        if not a.pairs[index].in_use:
            return index
        if a.selected[0] != index and a.selected[1] != index and (
                oldest == ICE_NO_PAIR or a.pairs[index].checked_ns < a.pairs[oldest].checked_ns):
            oldest = index
    return oldest


cdef bint takes_over(const ice_agent* a, int pair, bint nominates, bint first_nomination, bint talking) noexcept nogil:
    # Nominated pairs go before others; of two the later nomination, but once both are the better one (RFC 8445 8.1.1,
    # and RFC 5245 for those that nominate with each check). Without nomination the last one that was checked.
    cdef const ice_pair* used = ice_selected(a, a.pairs[pair].component)
    if used == NULL or (used.former and not a.pairs[pair].former):
        return True
    if nominates:
        return first_nomination or not used.nominated or a.pairs[pair].priority >= used.priority
    return not used.nominated and not talking


cdef void validate(ice_agent* a, const datagram* d, const stun_message* m, bint talking,
                   ice_answer* answer) noexcept nogil:
    cdef int pair = ice_find(a, &d.source, d.rtcp_port)
    cdef bint first_nomination
    if pair == ICE_NO_PAIR:
        pair = room_for_pair(a)
        memset(&a.pairs[pair], 0, sizeof(ice_pair))
        a.pairs[pair].source = d.source
        a.pairs[pair].component = d.rtcp_port
        a.pairs[pair].in_use = True
    first_nomination = m.use_candidate and not a.pairs[pair].nominated
    a.has_validated = True
    a.pairs[pair].former = False
    a.pairs[pair].checked_ns = d.now_ns
    a.pairs[pair].priority = m.priority
    a.pairs[pair].nominated |= m.use_candidate
    answer.validated = True
    answer.pair = <int8_t>pair
    if a.selected[d.rtcp_port] != pair and takes_over(a, pair, m.use_candidate, first_nomination, talking):
        ice_select(a, pair)
        answer.was_selected = True


cdef uint8_t check_authentic(ice_agent* a, const datagram* d, const stun_message* m, bint eligible, bint talking,
                             ice_answer* answer) noexcept nogil:
    cdef bint repeated
    if m.unknown_count:
        return answer_error(a, m, UNKNOWN_ATTRIBUTE, answer)
    if m.controlled:
        # A lite agent cannot control: the other end must (RFC 8445 6.1.1).
        return answer_error(a, m, ROLE_CONFLICT, answer)
    repeated = is_repeated(a, m)
    if not eligible or (repeated and ice_find(a, &d.source, d.rtcp_port) == ICE_NO_PAIR):
        return DROP_NOT_VALIDATED
    if not repeated and names_that_party(a, m):
        validate(a, d, m, talking, answer)
    return answer_success(a, d, answer)


cdef uint8_t ice_check(ice_agent* a, const datagram* d, bint eligible, bint talking, ice_answer* answer) noexcept nogil:
    cdef stun_message m
    answer.size = 0
    answer.validated = False
    answer.was_selected = False
    answer.pair = ICE_NO_PAIR
    if stun_parse(d.octets, d.size, &m) != STUN_OK:
        return PARSE_RTP_BAD_VERSION        # what RFC 7983 gives to STUN and is none
    if m.method != STUN_BINDING or m.message_class != STUN_REQUEST:
        return DROP_STUN
    if a.lost:
        return DROP_CONSENT_LOST            # RFC 7675 5.1: only new credentials begin again
    if not m.integrity or not m.username:
        return refuse(a, d, BAD_REQUEST, answer)
    if not names_this_agent(a, &m) or not stun_is_authentic(&m, &a.key):
        return refuse(a, d, UNAUTHENTICATED, answer)
    return check_authentic(a, d, &m, eligible, talking, answer)


# Consent -----------------------------------------------------------------------------------------------------------

cdef bint is_better(const ice_pair* a, const ice_pair* b) noexcept nogil:
    if a.nominated != b.nominated:
        return a.nominated
    return a.priority > b.priority if a.nominated else a.checked_ns > b.checked_ns


cdef void select_again(ice_agent* a, uint8_t component) noexcept nogil:
    # The used pair has gone: a nominated one, the better first, else the one that was checked last.
    cdef int index
    a.selected[component] = ICE_NO_PAIR
    for index in range(ICE_PAIRS):
        if a.pairs[index].in_use and a.pairs[index].component == component and (
                a.selected[component] == ICE_NO_PAIR or is_better(&a.pairs[index], ice_selected(a, component))):
            a.selected[component] = <int8_t>index


cdef bint ice_expire(ice_agent* a, uint64_t now_ns, uint64_t consent_ns, transport_address* gone) noexcept nogil:
    cdef int index
    cdef ice_pair* p
    cdef bint had_pair = a.selected[0] != ICE_NO_PAIR
    for index in range(ICE_PAIRS):
        p = &a.pairs[index]
        if not p.in_use or now_ns - p.checked_ns < consent_ns:
            continue
        p.in_use = False
        if a.selected[p.component] == index:
            if p.component == 0:
                gone[0] = p.source
            select_again(a, p.component)
    if not had_pair or a.selected[0] != ICE_NO_PAIR:
        return False
    # Where only pairs of former credentials have gone, these ones have not been tried yet.
    a.lost = a.has_validated
    if a.lost:
        for index in range(ICE_PAIRS):
            a.pairs[index].in_use = False
        a.selected[1] = ICE_NO_PAIR
    return True


cdef uint64_t ice_next_expiry(const ice_agent* a, uint64_t consent_ns) noexcept nogil:
    cdef int index
    cdef uint64_t next_ns = ICE_NEVER
    for index in range(ICE_PAIRS):
        if a.pairs[index].in_use:
            next_ns = min(next_ns, a.pairs[index].checked_ns + consent_ns)
    return next_ns
