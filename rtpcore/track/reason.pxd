# Why a packet was not forwarded: one list for verdicts, counters and reports. It goes on where parse_reason ends.

from rtpcore.wire.validity cimport PARSE_REASON_COUNT


cdef enum drop_reason:
    DROP_NONE = 0
    # 1..12 are parse_reason
    DROP_STUN = 13                      # not relayed
    DROP_DTLS = 14
    DROP_ZRTP = 15
    DROP_CHANNEL_DATA = 16
    DROP_TRUNCATED = 17                 # longer than the receive buffer
    DROP_KEEPALIVE = 18                 # empty datagram or empty payload that belongs to no accepted stream
    DROP_STRAY_RTCP = 19                # RTCP on the RTP port without rtcp-mux
    DROP_STRAY_RTP = 20                 # RTP on the RTCP port
    DROP_NOT_PUBLISHED = 21             # row 1: the port has not been given to the peer yet
    DROP_PREPUBLISH_TALKER = 22         # talked to the port before anyone could know it
    DROP_PRE_ANSWER = 23                # row 3: scope unknown, held and never claimed
    DROP_OUT_OF_SCOPE = 24              # neither declared nor a signalling address
    DROP_INELIGIBLE = 25                # port 0, multicast, broadcast, reserved, or an own address
    DROP_LOOP = 26                      # an SSRC that is sent to this leg
    DROP_PAYLOAD_TYPE = 27              # not negotiated, and not from an accepted stream
    DROP_UNQUALIFIED = 28               # a candidate that did not qualify
    DROP_NOT_ACCEPTED_SOURCE = 29       # row 14: another source than the accepted one
    DROP_SSRC_NOT_ACCEPTED = 30         # row 9: another SSRC than the pinned one
    DROP_SEQUENCE_JUMP = 31             # row 8: a jump that nothing confirmed
    DROP_CANDIDATES_FULL = 32
    DROP_HOLD_POOL_EMPTY = 33
    DROP_RTCP_INELIGIBLE = 34           # RTCP from another host than the RTP's
    DROP_RTCP_UNQUALIFIED = 35          # another RTCP source, not confirmed or while the accepted one is alive
    DROP_NO_ROUTE = 36                  # the session has no leg to send to
    DROP_NO_DESTINATION = 37            # accepted, but the other leg's address is not known yet
    DROP_EARLY_BUDGET = 38              # the destination has never answered
    DROP_SEND_FAILED = 39               # see the errors by errno
    DROP_CLOSED = 40                    # held or queued when the leg closed
    DROP_SPRAYER = 41                   # its address touched ports that were given to nobody, or many
    DROP_NOT_VERIFIED = 42              # row 18: the leg's verify said no (SRTP authentication or replay)
    DROP_NOT_VALIDATED = 43             # row 19: not from a pair that an authenticated check validated
    DROP_STUN_ANSWERED = 44             # a check for the relay itself, answered or refused by it
    DROP_CONSENT_LOST = 45              # nothing came from the destination's host for the consent time
    DROP_AMPLIFICATION = 46             # more than three times what a stranger sent would go to it
    DROP_UNREACHABLE = 47               # ICMP said so; tried again after a second
    DROP_RATE_LIMIT = 48                # more DTLS, STUN or ZRTP of one source than is relayed
    DROP_OTHER_MEDIA = 49               # one leg is UDPTL and the other RTP, or a UDPTL leg has no such port
    DROP_REASON_COUNT = 50
