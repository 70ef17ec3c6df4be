/* One direction of one session: what its packets look like, and what became of them. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <netinet/in.h>
#include <stdint.h>
#include <stddef.h>

enum { PACKET_OCTETS = 172, RTP_HEADER_OCTETS = 12, SAMPLES_PER_PACKET = 160 };

struct stream {
    struct sockaddr_in to;      /* the relay's port that this stream is sent to */
    struct sockaddr_in from;    /* the relay's port that it must come out of */
    uint32_t ssrc;
    uint32_t first_timestamp;
    uint16_t first_sequence_number;
    uint8_t side;               /* the socket that sends it; the other one receives it */
    uint32_t next;              /* index of the packet to be sent next */
    uint32_t expected;          /* index of the packet that should arrive next */
    uint64_t history;           /* bit i: packet expected - 1 - i has arrived */
};

struct counters {
    uint64_t sent;
    uint64_t received;
    uint64_t lost;
    uint64_t reordered;
    uint64_t duplicated;
    uint64_t corrupt;           /* not byte for byte what was sent, or sent by nobody */
    uint64_t misrouted;         /* intact, but from another port or at another socket than it should be */
};

struct traffic {
    struct stream *streams;
    uint32_t count;
    uint64_t in_flight;
    uint64_t nonce;             /* sets this run's packets apart from any other's */
    struct counters counters;
};

/* Reads lines "A_host A_port B_host B_port". Returns 0, or -1 after one sentence on stderr. */
int traffic_load(struct traffic *traffic, const char *path, int both_directions);

/* Writes the next packet of the stream; from here on it counts as sent. */
void traffic_compose(struct traffic *traffic, uint32_t stream_id, uint64_t now_ns, uint8_t *packet);

/* Judges what arrived at socket `side`. Returns its send time, or 0 when it is not a packet of ours. */
uint64_t traffic_check(struct traffic *traffic, int side, const struct sockaddr_in *from, const uint8_t *packet,
                       size_t size);

/* Counts all that is in flight as lost, so that the window opens again. */
void traffic_give_up(struct traffic *traffic);

#endif
