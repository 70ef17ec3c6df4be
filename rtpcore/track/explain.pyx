# Why this source is accepted and that one is not, from the state of the latch.

from rtpcore.track.latch_state cimport (
    LATCH_ARMED,
    LATCH_CLOSED,
    LATCH_EXPIRED,
    LATCH_HELD,
    LATCH_LEARNING,
    LATCH_LOCKED,
    LATCH_PROVISIONAL,
    LATCH_RELEARNING,
    LATCH_ROAMING,
)
from rtpcore.track.candidate cimport CANDIDATE_SLOTS
from rtpcore.wire.address cimport address_host, address_to_python, transport_address

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


cdef list explain_candidates(const latch* l):
    cdef int index
    cdef list words = []
    for index in range(CANDIDATE_SLOTS):
        if l.candidates.slots[index].occupied:
            words.append(
                f"{text(&l.candidates.slots[index].source)} with SSRC {l.candidates.slots[index].ssrc:#010x} is being "
                f"examined: {l.candidates.slots[index].count} packets in sequence, "
                f"{l.candidates.slots[index].held.count} held.")
    return words


cdef str explain_latch(const latch* l):
    cdef list words = [STATES[l.state]]
    words += explain_scope(l)
    if l.has_accepted:
        words.append(
            f"{text(&l.accepted)} is accepted with SSRC {l.pinned.ssrc:#010x}, because {TIERS[l.accepted_tier]}.")
    words += explain_candidates(l)
    if l.has_destination:
        proof = "" if l.destination_proven else ", from where nothing has come yet"
        words.append(f"Media goes to {text(&l.destination)}{proof}.")
    else:
        words.append("Media for this leg goes nowhere yet.")
    return " ".join(words)
