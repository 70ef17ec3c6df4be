# Tiers of a source (how well signalling vouches for it), and what signalling may say.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from rtpcore.errors import ConfigurationError

from rtpcore.track.latch.policy cimport (
    TIER_ANY,
    TIER_DECLARED,
    TIER_DECLARED_HOST,
    TIER_PREFIX,
    TIER_SIGNALLING,
    latch_policy,
)
from rtpcore.wire.address cimport (
    ADDRESS_FORBIDDEN,
    ADDRESS_GLOBAL,
    address_class,
    address_classify,
    address_equal,
    address_from_host,
    address_from_python,
    address_is_ipv4,
    address_same_host,
    address_same_prefix,
    transport_address,
)

cdef dict EVENTS = {
    "answer": SIGNAL_ANSWER, "early": SIGNAL_EARLY, "refresh": SIGNAL_REFRESH, "reinvite": SIGNAL_REINVITE,
    "hold": SIGNAL_HOLD, "resume": SIGNAL_RESUME, "close": SIGNAL_CLOSE,
}
cdef tuple MEDIA = ("rtp", "udptl")
cdef dict DIRECTIONS = {
    "sendrecv": DIRECTION_SENDRECV, "sendonly": DIRECTION_SENDONLY, "recvonly": DIRECTION_RECVONLY,
    "inactive": DIRECTION_INACTIVE,
}


cdef bint signalling_is_source(const signalling* s, const transport_address* a) noexcept nogil:
    cdef int index
    for index in range(s.source_count):
        if address_same_host(&s.sources[index], a):
            return True
    return False


cdef bint signalling_names_ssrc(const signalling* s, uint32_t ssrc) noexcept nogil:
    cdef int index
    for index in range(s.ssrc_count):
        if s.ssrcs[index] == ssrc:
            return True
    return False


cdef bint sources_within(const signalling* a, const signalling* b) noexcept nogil:
    cdef int index
    for index in range(a.source_count):
        if not signalling_is_source(b, &a.sources[index]):
            return False
    return True


cdef bint signalling_scope_differs(const signalling* a, const signalling* b) noexcept nogil:
    if a.has_declared != b.has_declared or not address_equal(&a.declared, &b.declared):
        return True
    if a.branch != b.branch:
        return True
    return not (sources_within(a, b) and sources_within(b, a))


cdef bint scope_routable(const transport_address* a, int interface_class) noexcept nogil:
    cdef address_class kind = address_classify(a)
    return a.port != 0 and (kind == ADDRESS_GLOBAL or <int>kind == interface_class)


cdef bint address_counts(const signalling* s, const transport_address* declared, int interface_class) noexcept nogil:
    return scope_routable(declared, interface_class) or signalling_is_source(s, declared)


cdef bint scope_declared_counts(const signalling* s, int interface_class) noexcept nogil:
    cdef int index
    for index in range(s.fork_count):
        if address_counts(s, &s.forks[index], interface_class):
            return True
    return s.has_declared and address_counts(s, &s.declared, interface_class)


cdef int nearness(const transport_address* source, const transport_address* declared,
                  const latch_policy* policy) noexcept nogil:
    if address_equal(source, declared):
        return TIER_DECLARED
    if address_same_host(source, declared):
        return TIER_DECLARED_HOST
    return TIER_PREFIX if address_same_prefix(source, declared, policy.prefix4, policy.prefix6) else TIER_ANY


cdef int scope_tier(const signalling* s, const latch_policy* policy, int interface_class,
                    const transport_address* source) noexcept nogil:
    cdef int index, tier = TIER_ANY
    if s.has_declared and address_counts(s, &s.declared, interface_class):
        tier = nearness(source, &s.declared, policy)
    for index in range(s.fork_count):
        if address_counts(s, &s.forks[index], interface_class):
            tier = min(tier, nearness(source, &s.forks[index], policy))
    if tier <= TIER_DECLARED_HOST:
        return tier
    if signalling_is_source(s, source):
        return TIER_SIGNALLING
    for index in range(s.source_count):
        if address_same_prefix(source, &s.sources[index], policy.prefix4, policy.prefix6):
            return TIER_PREFIX
    return tier


cdef bint scope_is_empty(const signalling* s, const latch_policy* policy, int interface_class) noexcept nogil:
    if policy.worst_tier == TIER_ANY or scope_declared_counts(s, interface_class):
        return False
    return policy.worst_tier < TIER_SIGNALLING or not source_shares_family(s)


# Media comes in the family that SDP declares; signalling may come in the other.
cdef bint source_shares_family(const signalling* s) noexcept nogil:
    cdef int index
    for index in range(s.source_count):
        if not s.has_declared or address_is_ipv4(&s.sources[index]) == address_is_ipv4(&s.declared):
            return True
    return False


cdef int read_peer(str name, object pair, transport_address* out) except -1:
    # An address of signalling that media may come from or go to.
    address_from_python(pair, out)
    if out.port == 0:
        raise ConfigurationError(f"{name} is {pair!r}, but port 0 is no address to send to.")
    if address_classify(out) == ADDRESS_FORBIDDEN:
        raise ConfigurationError(f"{name} is {pair!r}, but no host can be reached there.")
    return 0


cdef int read_hosts(signalling* s, object hosts) except -1:
    cdef object host
    cdef int count = 0
    if isinstance(hosts, (str, bytes)):
        raise TypeError(f"signalling must be a sequence of hosts, not {type(hosts).__name__} {hosts!r}.")
    for host in hosts:
        if count == SIGNALLING_SOURCES:
            raise ConfigurationError(
                f"signalling names more than {SIGNALLING_SOURCES} hosts; {host!r} is one too many.")
        address_from_host(host, &s.sources[count])
        if address_classify(&s.sources[count]) == ADDRESS_FORBIDDEN:
            raise ConfigurationError(f"signalling names {host!r}, but no host can be reached there.")
        s.sources[count].port = 0
        count += 1
    if count:
        s.source_count = count
    return 0


cdef long payload_type_number(object value) except -1:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a payload type must be an int, not {type(value).__name__}.")
    if not 0 <= value < PAYLOAD_TYPES:
        raise ConfigurationError(f"payload type {value} is not 0 to 127.")
    return value


cdef int read_payload_types(signalling* s, object payload_types) except -1:
    cdef object key, clock
    cdef long number
    cdef uint8_t index, used = 1
    s.negotiated[0] = s.negotiated[1] = 0
    memset(s.clock_index, 0, sizeof(s.clock_index))
    memset(s.clocks, 0, sizeof(s.clocks))
    s.any_payload_type = payload_types is None
    if payload_types is None:
        return 0
    if not isinstance(payload_types, dict):
        raise TypeError(f"payload_types must be a dict or None, not {type(payload_types).__name__}.")
    if not payload_types:
        raise ConfigurationError("payload_types is empty, so that no packet could qualify; None means any.")
    for key, clock in payload_types.items():
        number = payload_type_number(key)
        if isinstance(clock, bool) or not isinstance(clock, int):
            raise TypeError(f"the clock rate of payload type {key} must be an int, not {type(clock).__name__}.")
        if not 1 <= clock <= 10_000_000:
            raise ConfigurationError(f"the clock rate of payload type {key} is {clock} Hz, not 1 to 10000000.")
        for index in range(1, used + 1):
            if index == used or s.clocks[index] == clock:
                break
        if index == CLOCKS:
            raise ConfigurationError(f"payload_types has more than {CLOCKS - 1} clock rates; {clock} is one too many.")
        s.clocks[index] = clock
        used = max(used, <uint8_t>(index + 1))
        s.clock_index[number] = index
        s.negotiated[number >> 6] |= <uint64_t>1 << (number & 63)
    return 0


cdef int read_comfort_noise(signalling* s, object comfort_noise) except -1:
    cdef object value
    cdef long number
    s.comfort_noise[0] = s.comfort_noise[1] = 0
    for value in comfort_noise:
        number = payload_type_number(value)
        s.comfort_noise[number >> 6] |= <uint64_t>1 << (number & 63)
    return 0


cdef int read_ssrcs(signalling* s, object ssrcs) except -1:
    cdef object ssrc
    cdef int count = 0
    for ssrc in ssrcs:
        if isinstance(ssrc, bool) or not isinstance(ssrc, int):
            raise TypeError(f"an SSRC must be an int, not {type(ssrc).__name__}.")
        if not 0 <= ssrc <= 0xFFFFFFFF:
            raise ConfigurationError(f"SSRC {ssrc} does not fit in 32 bits.")
        if count == SIGNALLED_SSRCS:
            raise ConfigurationError(f"ssrcs names more than {SIGNALLED_SSRCS} SSRCs; {ssrc} is one too many.")
        s.ssrcs[count] = ssrc
        count += 1
    if count:
        s.ssrc_count = count
    return 0


cdef int read_addresses(signalling* s, signal_event event, object declared, object rtcp) except -1:
    if declared is not None:
        if event == SIGNAL_HOLD:
            address_from_python(declared, &s.declared)      # judged as a pair, then left: hold keeps the last address
            return 0
        read_peer("declared", declared, &s.declared)
        s.has_declared = 1
    if rtcp is not None:
        read_peer("rtcp", rtcp, &s.declared_rtcp)
        s.has_declared_rtcp = 1
    elif declared is not None:
        s.declared_rtcp = s.declared
        s.has_declared_rtcp = s.declared.port != 65535
        s.declared_rtcp.port = <uint16_t>(s.declared.port + 1)
    return 0


cdef void join_forks(signalling* said, const signalling* before) noexcept nogil:
    # Several branches ring and may send early media: the scope is that of all of them. The answer narrows it.
    cdef int index
    if before.has_declared and said.fork_count < FORKS:
        said.forks[said.fork_count] = before.declared
        said.fork_count += 1
    for index in range(before.source_count):
        if said.source_count < SIGNALLING_SOURCES and not signalling_is_source(said, &before.sources[index]):
            said.sources[said.source_count] = before.sources[index]
            said.source_count += 1


cdef signal_event signalling_from_python(signalling* out, str event, declared, signalled_from, payload_types,
                                         comfort_noise, rtcp, rtcp_mux, reduced_size, ptime_ms, str direction, ssrcs,
                                         branch, encrypted, media="rtp") except? SIGNAL_CLOSE:
    cdef signalling said = out[0]
    cdef signal_event kind
    if event not in EVENTS:
        raise ConfigurationError(f"event is {event!r}, but must be one of {', '.join(EVENTS)}.")
    if direction not in DIRECTIONS:
        raise ConfigurationError(f"direction is {direction!r}, but must be one of {', '.join(DIRECTIONS)}.")
    if not isinstance(media, str):
        raise TypeError(f"media must be a str, not {type(media).__name__} {media!r}.")
    if media not in MEDIA:
        raise ConfigurationError(f"media is {media!r}, but must be one of {', '.join(MEDIA)}.")
    if isinstance(ptime_ms, bool) or not isinstance(ptime_ms, int):
        raise TypeError(f"ptime_ms must be an int, not {type(ptime_ms).__name__}.")
    if not 1 <= ptime_ms <= 200:
        raise ConfigurationError(f"ptime_ms is {ptime_ms}, but must be 1 to 200.")
    kind = EVENTS[event]
    read_addresses(&said, kind, declared, rtcp)
    read_hosts(&said, signalled_from)
    read_ssrcs(&said, ssrcs)
    if kind != SIGNAL_HOLD and kind != SIGNAL_CLOSE:
        read_payload_types(&said, payload_types)
        read_comfort_noise(&said, comfort_noise)
        said.ptime_ms = ptime_ms
        said.udptl = media == "udptl"
        said.direction = DIRECTIONS[direction]
        said.reduced_size = bool(reduced_size)
        said.branch = 0 if branch is None else <uint64_t>(hash(branch) & 0x7FFFFFFFFFFFFFFF) + 1
    else:
        said.declared = out.declared
    said.early = kind == SIGNAL_EARLY
    if not said.early:
        said.fork_count = 0
    elif out.early and said.branch != out.branch:
        join_forks(&said, out)
    if rtcp_mux is not None:
        said.rtcp_mux = bool(rtcp_mux)
    if encrypted is not None:
        said.encrypted = bool(encrypted)
    said.known = 1
    out[0] = said
    return kind
