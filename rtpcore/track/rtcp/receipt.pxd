# Whether media that is sent to a party arrives there, by the party's own reports (RFC 3550 6.4.1): the proof that a
# host received it, which nobody else can make, and its inverse, a report that stands still while media is sent.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from rtpcore.track.datagram cimport datagram
from rtpcore.track.latch.state cimport latch
from rtpcore.track.rtcp.report cimport report_state


cdef enum:
    RECEIPT_MARKS = 11                      # one a second: a number among those of the last 10 s is fresh


cdef struct receipt_state:
    # The stream that is sent to the party, and where it was at the end of each of the last seconds.
    uint64_t mark_ns                        # when the newest mark was due
    uint64_t still_ns                       # when the party first reported `highest`
    uint32_t ssrc
    uint32_t sent                           # the owner's count of datagrams when it last noted a packet
    uint32_t highest                        # extended highest sequence number that the party reported last
    uint16_t newest                         # sequence number
    uint16_t marks[RECEIPT_MARKS]
    uint8_t oldest                          # of the marks
    uint8_t sending_s                       # seconds in which something was sent since `highest` moved
    uint8_t valid
    uint8_t has_highest
    uint8_t told                            # that `highest` stands still


# A packet of the stream has been sent. Not needed for each: what was sent between two notes counts as sent.
cdef void receipt_note_sent(receipt_state* r, uint32_t ssrc, uint16_t sequence_number, uint64_t now_ns) noexcept nogil
# A valid compound, in clear, answers one of the last sender reports that were sent to the party and names a packet of
# the last 10 s: who made it received our media.
cdef bint receipt_is_proof(receipt_state* r, const report_state* reports, const uint8_t* octets, uint32_t size,
                           uint64_t now_ns) noexcept nogil
# A valid compound of the party, in clear: what it reports, told when that has stood still for 10 s of sending.
cdef void receipt_judge(receipt_state* r, latch* l, const datagram* d) noexcept nogil
