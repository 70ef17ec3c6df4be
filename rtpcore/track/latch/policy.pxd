# What a leg permits: fixed at construction, read-only afterwards.

cimport cython
from libc.stdint cimport uint8_t, uint64_t


cdef enum:
    TIER_AUTHENTICATED = 0      # T0
    TIER_DECLARED = 1           # T1: declared address and port
    TIER_DECLARED_HOST = 2      # T2
    TIER_SIGNALLING = 3         # T3
    TIER_PREFIX = 4             # T4: within a configured prefix of T2 or T3
    TIER_ANY = 5                # T5
    TIER_COUNT = 6

cdef enum:
    MAX_SSRC = 8

cdef enum send_to:
    SEND_TO_ACCEPTED = 0
    SEND_TO_DECLARED = 1
    SEND_TO_ACCEPTED_IF_PRIVATE = 2

cdef enum ssrc_change:
    SSRC_CHANGE_SILENCE = 0
    SSRC_CHANGE_SIGNAL = 1
    SSRC_CHANGE_ANY = 2

cdef enum pre_answer:
    PRE_ANSWER_HOLD = 0
    PRE_ANSWER_DROP = 1

cdef enum:
    KEEPALIVE_AUTO = 255        # beside keepalive_method: by what was negotiated


cdef struct latch_policy:
    uint64_t learn_window_ns
    uint64_t early_budget_ns        # 0: no limit
    uint64_t consent_ns             # 0: none is needed
    uint64_t keepalive_ns           # 0: none is sent
    uint64_t media_timeout_ns       # 0: never
    uint64_t roam_silence_ns
    uint64_t roam_max_gap_ns        # 0: nobody is followed to another host
    uint64_t roam_confirm_ns        # 0: media follows at once
    uint64_t dead_relatch_ns        # 0: never
    uint8_t probation[TIER_COUNT]   # sequential packets a candidate of each tier needs
    uint8_t worst_tier              # sources of a worse tier are out of scope
    uint8_t send_to
    uint8_t ssrc_change
    uint8_t pre_answer
    uint8_t prepublish_bar          # talkers before publish may not latch
    uint8_t prefix4
    uint8_t prefix6
    uint8_t kernel_lock
    uint8_t keepalive               # a keepalive_method, or KEEPALIVE_AUTO
    uint8_t keepalive_first
    uint8_t close_on_timeout
    uint8_t max_ssrc                # that are heard at once
    uint8_t latch_on_keepalive


@cython.final
cdef class LatchPolicy:
    cdef latch_policy native
    cdef readonly str profile
    cdef readonly str send_to
    cdef readonly str receive_from
    cdef readonly str ssrc_change
    cdef readonly str pre_answer
    cdef readonly tuple probation
    cdef readonly int prefix4
    cdef readonly int prefix6
    cdef readonly int learn_window_ms
    cdef readonly object early_budget_ms
    cdef readonly object consent_ms
    cdef readonly str keepalive
    cdef readonly object keepalive_ms
    cdef readonly bint keepalive_first
    cdef readonly object media_timeout_ms
    cdef readonly str on_media_timeout
    cdef readonly str kernel_lock
    cdef readonly int roam_silence_ms
    cdef readonly int roam_max_gap_ms
    cdef readonly int roam_confirm_ms
    cdef readonly int dead_relatch_ms
    cdef readonly int max_ssrc
    cdef readonly bint latch_on_keepalive
