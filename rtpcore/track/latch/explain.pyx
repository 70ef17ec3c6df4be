# Why this source is accepted and that one is not, from the state of the latch.

from libc.stdint cimport uint32_t, uint64_t

from rtpcore.track.latch.candidate cimport CANDIDATE_SLOTS, candidate
from rtpcore.track.latch.silence cimport silence_needed_after_noise
from rtpcore.track.latch.state cimport (
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
    latch,
    senior,
)
from rtpcore.track.latch.udptl cimport UDPTL_SILENT_NS
from rtpcore.wire.address cimport (
    address_equal,
    address_host,
    address_same_host,
    address_to_python,
    transport_address,
)

cdef dict STATES = {
    LATCH_CLOSED: "The port has not been published, so whoever talks to it is barred.",
    LATCH_ARMED: "Published; no answer has said yet who may talk.",
    LATCH_LEARNING: "Waiting for the first source that qualifies.",
    LATCH_PROVISIONAL: "Accepted; a better source may still take over.",
    LATCH_LOCKED: "Locked: nobody else is heard.",
    LATCH_HELD: "On hold: what is accepted stays accepted.",
    LATCH_RELEARNING: "Signalling has changed: a source of the new scope may take over.",
    LATCH_EXPIRED: "Closed.",
    LATCH_ROAMING: "Locked to a source that has moved: media does not follow yet.",
}
cdef tuple TIERS = (
    "it is authenticated", "it is the declared address", "it is the declared host, from another port",
    "signalling came from its host", "it is a neighbour of a signalled host", "any source is allowed",
)


cdef str text(const transport_address* address):
    host, port = address_to_python(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


cdef list explain_scope(const latch* l):
    cdef int index
    cdef list words = []
    if l.signalled.has_declared:
        words.append(f"Declared is {text(&l.signalled.declared)}.")
    if l.signalled.source_count:
        hosts = ", ".join(address_host(&l.signalled.sources[index]) for index in range(l.signalled.source_count))
        words.append(f"Signalling came from {hosts}.")
    return words


cdef str duration(uint64_t ns):
    return f"{ns / 1e9:.2f} s" if ns >= 1_000_000_000 else f"{ns // 1_000_000} ms"


cdef uint64_t since(uint64_t then_ns, uint64_t now_ns):
    return now_ns - then_ns if now_ns > then_ns else 0


cdef str reason_of(const latch* l):
    if l.accepted_row == 10:
        return "it went on with the accepted stream from another port"
    if l.accepted_row == 11:
        return "it went on with the accepted stream from another host"
    if l.accepted_row == 12:
        return "it was there before whoever had taken its place"
    return TIERS[l.accepted_tier]


cdef str ssrc_text(const latch* l, uint32_t ssrc):
    return "" if l.how.udptl else f" with SSRC {ssrc:#010x}"


cdef list explain_accepted(const latch* l, uint64_t now_ns):
    cdef list words = [
        f"{text(&l.accepted)} is accepted{ssrc_text(l, l.pinned.ssrc)}, because {reason_of(l)}: row "
        f"{l.accepted_row}, T{l.accepted_tier}, {l.accepted_count} packets in sequence, "
        f"{duration(since(l.accepted_since_ns, now_ns))} ago.",
        f"Its last packet came {duration(since(l.last_accepted_ns, now_ns))} ago; it counts as silent after "
        f"{duration(UDPTL_SILENT_NS if l.how.udptl else silence_needed_after_noise(l, 0))}.",
    ]
    if l.companion_count:
        words.append(f"{l.companion_count} more of its SSRCs are heard.")
    if l.policy.dead_relatch_ns and (l.state == LATCH_LOCKED or l.state == LATCH_ROAMING):
        words.append(f"Another source in scope may take over after {duration(l.policy.dead_relatch_ns)} without any "
                     "sign of life, with 5 packets in sequence.")
    return words


cdef str explain_rival(const latch* l, const candidate* c):
    if address_same_host(&c.source, &l.accepted):
        return f"3 and {duration(silence_needed_after_noise(l, 0))} of silence, for it goes on with the accepted stream"
    return (f"5 and {duration(silence_needed_after_noise(l, l.policy.roam_silence_ns))} of silence, for it goes on "
            "with the accepted stream from another host")


cdef list explain_candidates(const latch* l):
    cdef int index
    cdef const candidate* c
    cdef list words = []
    for index in range(CANDIDATE_SLOTS):
        c = &l.candidates.slots[index]
        if not c.occupied:
            continue
        if c.rival:
            needed = explain_rival(l, c)
        elif l.has_accepted and address_equal(&c.source, &l.accepted):
            needed = "2 and silence of the accepted SSRC"
        elif l.state == LATCH_LOCKED or l.state == LATCH_ROAMING:
            needed = "5"
        else:
            needed = f"{l.policy.probation[c.tier]} at T{c.tier}"
        words.append(f"{text(&c.source)}{ssrc_text(l, c.ssrc)} is being examined: {c.count} packets in sequence, "
                     f"{c.held.count} held; it needs {needed}.")
    return words


cdef list explain_seniors(const latch* l, uint64_t now_ns):
    cdef int index
    cdef const senior* s
    cdef list words = []
    for index in range(l.senior_count):
        s = &l.seniors[index]
        words.append(f"{text(&s.source)}{ssrc_text(l, s.stream.ssrc)} was heard for {duration(s.held_ns)} until "
                     f"{duration(since(s.until_ns, now_ns))} ago, and takes its place back when it goes on.")
    return words


cdef list explain_destination(const latch* l, uint64_t now_ns):
    cdef list words = []
    if not l.has_destination:
        return ["Media for this leg goes nowhere yet."]
    proof = "" if l.destination_proven else ", from where nothing has come yet"
    words.append(f"Media goes to {text(&l.destination)}{proof}.")
    if l.roaming:
        words.append(f"It follows the accepted source after {duration(l.policy.roam_confirm_ns)} without contest, of "
                     f"which {duration(since(l.roam_since_ns, now_ns))} are over; at once with a report that proves "
                     "receipt, or when signalling comes from there.")
    return words


cdef str explain_latch(const latch* l, uint64_t now_ns):
    cdef list words = [STATES[l.state]]
    if l.how.udptl:
        words.append("T.38: sources are told apart by address only.")
    words += explain_scope(l)
    if l.has_accepted:
        words += explain_accepted(l, now_ns)
    words += explain_candidates(l)
    words += explain_seniors(l, now_ns)
    words += explain_destination(l, now_ns)
    return " ".join(words)
