"""Latching policy: which sources a leg may accept, and where it sends.

A profile sets every knob; a knob given by name overrides the profile's value.
"""

cimport cython
from libc.stdint cimport uint64_t

from rtpcore.errors import ConfigurationError

from rtpcore.wire.keepalive cimport KEEPALIVE_EMPTY, KEEPALIVE_RTCP, KEEPALIVE_RTP, KEEPALIVE_STUN

cdef dict PROFILES = {
    "guarded": {},
    "strict": {"ssrc_change": "signal", "roam_max_gap_ms": 0},
    "mobile": {"roam_confirm_ms": 0},
    "open": {"receive_from": "any"},
    "declared": {"receive_from": "declared", "send_to": "declared"},
}
cdef dict SEND_TO = {
    "accepted": SEND_TO_ACCEPTED, "declared": SEND_TO_DECLARED, "accepted_if_private": SEND_TO_ACCEPTED_IF_PRIVATE,
}
cdef dict SSRC_CHANGE = {"silence": SSRC_CHANGE_SILENCE, "signal": SSRC_CHANGE_SIGNAL, "any": SSRC_CHANGE_ANY}
cdef dict PRE_ANSWER = {"hold": PRE_ANSWER_HOLD, "drop": PRE_ANSWER_DROP}
cdef dict KEEPALIVE = {
    "auto": KEEPALIVE_AUTO, "rtcp": KEEPALIVE_RTCP, "udp": KEEPALIVE_EMPTY, "stun": KEEPALIVE_STUN,
    "rtp": KEEPALIVE_RTP,
}
cdef dict ON_MEDIA_TIMEOUT = {"notify": False, "close": True}
cdef dict KERNEL_LOCK = {"auto": True, "off": False}
cdef tuple RECEIVE_FROM = ("scope", "declared", "any")


cdef object one_of(str name, object choices, object value, dict preset, str default):
    # What the caller said, else what the profile sets, else the default.
    if value is None:
        value = preset.get(name, default)
    if value not in choices:
        raise ConfigurationError(f"{name} is {value!r}, but must be one of {', '.join(sorted(choices))}.")
    return value


cdef long whole(str name, object value, long low, long high) except? -1:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}.")
    if not low <= value <= high:
        raise ConfigurationError(f"{name} is {value}, but must be {low} to {high}.")
    return value


cdef object duration(str name, object value, long low):
    # Milliseconds up to an hour, or None.
    return None if value is None else whole(name, value, low, 3_600_000)


cdef int fill_native(LatchPolicy policy) except -1:
    cdef int tier
    for tier in range(TIER_COUNT):
        policy.native.probation[tier] = whole("probation", policy.probation[tier], 1, 16)
    if policy.receive_from == "declared":
        policy.native.worst_tier = TIER_DECLARED
    elif policy.receive_from == "any":
        policy.native.worst_tier = TIER_ANY
    else:
        policy.native.worst_tier = TIER_PREFIX
    policy.native.send_to = SEND_TO[policy.send_to]
    policy.native.ssrc_change = SSRC_CHANGE[policy.ssrc_change]
    policy.native.pre_answer = PRE_ANSWER[policy.pre_answer]
    policy.native.prepublish_bar = policy.profile != "open"
    policy.native.prefix4 = policy.prefix4
    policy.native.prefix6 = policy.prefix6
    policy.native.learn_window_ns = <uint64_t>policy.learn_window_ms * 1_000_000
    policy.native.early_budget_ns = <uint64_t>(policy.early_budget_ms or 0) * 1_000_000
    policy.native.consent_ns = <uint64_t>(policy.consent_ms or 0) * 1_000_000
    policy.native.keepalive_ns = <uint64_t>(policy.keepalive_ms or 0) * 1_000_000
    policy.native.keepalive = KEEPALIVE[policy.keepalive]
    policy.native.keepalive_first = policy.keepalive_first
    policy.native.media_timeout_ns = <uint64_t>(policy.media_timeout_ms or 0) * 1_000_000
    policy.native.close_on_timeout = ON_MEDIA_TIMEOUT[policy.on_media_timeout]
    policy.native.kernel_lock = KERNEL_LOCK[policy.kernel_lock]
    policy.native.roam_silence_ns = <uint64_t>policy.roam_silence_ms * 1_000_000
    policy.native.roam_max_gap_ns = <uint64_t>policy.roam_max_gap_ms * 1_000_000
    policy.native.roam_confirm_ns = <uint64_t>policy.roam_confirm_ms * 1_000_000
    policy.native.dead_relatch_ns = <uint64_t>policy.dead_relatch_ms * 1_000_000
    policy.native.max_ssrc = policy.max_ssrc
    policy.native.latch_on_keepalive = policy.latch_on_keepalive
    return 0


@cython.final
cdef class LatchPolicy:
    """What one leg permits. Immutable; may be shared by any number of legs and threads.

    profile: guarded | strict | mobile | open | declared. `open` accepts any source and is insecure.
    receive_from: scope | declared | any; which sources may be accepted.
    send_to: accepted | declared | accepted_if_private; where media goes (RFC 4961).
    ssrc_change: silence | signal | any; when the accepted source may change its SSRC.
    pre_answer: hold | drop; media that arrives before the answer.
    probation: packets in sequence that a source of tier T0..T5 needs before it is accepted, 1 to 16 each.
    prefix4, prefix6: bits that a source must share with a declared or signalling address to count as its neighbour
        (T4); 32 and 128: the host itself, so nobody. An IPv6 /64 is one subscriber, hence the default.
    learn_window_ms: how long after the first acceptance a better source may still take over.
    early_budget_ms: how long a declared address that has never answered is sent to; None: without limit.
    consent_ms: after how long a silence of its destination's host nothing is sent there any more, unless signalling
        vouches for it; None: never.
    keepalive: auto | rtcp | udp | stun | rtp; what a relay sends to keep a NAT's mapping open (RFC 6263). auto: RTCP
        where it is multiplexed and not encrypted, else an empty datagram.
    keepalive_ms: after how long without anything else sent; None: never.
    keepalive_first: whether the first one goes at once to a declared destination that has not been heard, for where
        both parties wait for the other one's first packet.
    media_timeout_ms: after how long without media from this party there is an event; None: never. Holds do not count.
    on_media_timeout: notify | close; close ends the session once no party of it has sent for that time.
    kernel_lock: auto | off; whether, once a source is locked, the kernel drops strangers before they are read. It has
        no effect on a Latch, which has no sockets.
    roam_silence_ms: how long an accepted source must have been silent before its stream is followed to another host.
    roam_max_gap_ms: how long it may have been silent at most, 0 to 60000; 0: no stream is followed to another host.
    roam_confirm_ms: how long the stream must go on there uncontested before media follows, 0 to 60000; 0: at once.
    dead_relatch_ms: after how long without any sign of life another source in scope may be accepted; 0: never.
    max_ssrc: how many SSRCs of the accepted source are heard at once, 1 to 8; signalled ones need no permission.
    latch_on_keepalive: an empty RTP packet from a signalled host says where media goes, while nobody is accepted.

    Raises ConfigurationError for a value that cannot be used. Terms: RFC 7362.
    """

    def __init__(self, str profile="guarded", *, receive_from=None, send_to=None, ssrc_change=None,
                 str pre_answer="hold", probation=(1, 1, 2, 2, 4, 5), prefix4=32, prefix6=64,
                 learn_window_ms=5000, early_budget_ms=10000, consent_ms=30000, str keepalive="auto",
                 keepalive_ms=15000, bint keepalive_first=False, media_timeout_ms=60000,
                 str on_media_timeout="notify", str kernel_lock="auto",
                 roam_silence_ms=200, roam_max_gap_ms=None, roam_confirm_ms=None, dead_relatch_ms=5000, max_ssrc=1,
                 latch_on_keepalive=False):
        preset = PROFILES[one_of("profile", PROFILES, profile, {}, "guarded")]
        self.profile = profile
        self.receive_from = one_of("receive_from", RECEIVE_FROM, receive_from, preset, "scope")
        self.send_to = one_of("send_to", SEND_TO, send_to, preset, "accepted")
        self.ssrc_change = one_of("ssrc_change", SSRC_CHANGE, ssrc_change, preset, "silence")
        self.pre_answer = one_of("pre_answer", PRE_ANSWER, pre_answer, preset, "hold")
        self.probation = tuple(probation)
        if len(self.probation) != TIER_COUNT:
            raise ConfigurationError(f"probation has {len(self.probation)} entries, but there are {TIER_COUNT} tiers.")
        self.prefix4 = whole("prefix4", prefix4, 8, 32)
        self.prefix6 = whole("prefix6", prefix6, 16, 128)
        self.learn_window_ms = whole("learn_window_ms", learn_window_ms, 100, 60_000)
        self.early_budget_ms = duration("early_budget_ms", early_budget_ms, 1)
        self.consent_ms = duration("consent_ms", consent_ms, 1)
        self.keepalive = one_of("keepalive", KEEPALIVE, keepalive, {}, "auto")
        self.keepalive_ms = duration("keepalive_ms", keepalive_ms, 100)
        self.keepalive_first = keepalive_first
        self.media_timeout_ms = duration("media_timeout_ms", media_timeout_ms, 100)
        self.on_media_timeout = one_of("on_media_timeout", ON_MEDIA_TIMEOUT, on_media_timeout, {}, "notify")
        self.kernel_lock = one_of("kernel_lock", KERNEL_LOCK, kernel_lock, {}, "auto")
        self.roam_silence_ms = whole("roam_silence_ms", roam_silence_ms, 60, 10_000)
        self.roam_max_gap_ms = whole("roam_max_gap_ms", preset.get("roam_max_gap_ms", 10_000)
                                     if roam_max_gap_ms is None else roam_max_gap_ms, 0, 60_000)
        self.roam_confirm_ms = whole("roam_confirm_ms", preset.get("roam_confirm_ms", 1000)
                                     if roam_confirm_ms is None else roam_confirm_ms, 0, 60_000)
        self.dead_relatch_ms = whole("dead_relatch_ms", dead_relatch_ms, 0, 600_000)
        self.max_ssrc = whole("max_ssrc", max_ssrc, 1, MAX_SSRC)
        if not isinstance(latch_on_keepalive, bool):
            raise TypeError(f"latch_on_keepalive must be a bool, not {type(latch_on_keepalive).__name__}.")
        self.latch_on_keepalive = latch_on_keepalive
        fill_native(self)

    def __repr__(self):
        return (f"LatchPolicy({self.profile!r}, receive_from={self.receive_from!r}, send_to={self.send_to!r}, "
                f"ssrc_change={self.ssrc_change!r}, pre_answer={self.pre_answer!r}, probation={self.probation!r}, "
                f"prefix4={self.prefix4}, prefix6={self.prefix6}, learn_window_ms={self.learn_window_ms}, "
                f"early_budget_ms={self.early_budget_ms}, consent_ms={self.consent_ms}, "
                f"keepalive={self.keepalive!r}, keepalive_ms={self.keepalive_ms}, "
                f"keepalive_first={self.keepalive_first}, media_timeout_ms={self.media_timeout_ms}, "
                f"on_media_timeout={self.on_media_timeout!r}, "
                f"kernel_lock={self.kernel_lock!r}, roam_silence_ms={self.roam_silence_ms}, "
                f"roam_max_gap_ms={self.roam_max_gap_ms}, roam_confirm_ms={self.roam_confirm_ms}, "
                f"dead_relatch_ms={self.dead_relatch_ms}, max_ssrc={self.max_ssrc}, "
                f"latch_on_keepalive={self.latch_on_keepalive})")
