/* A UDP socket of the generator and its batches: one system call for as many packets as there are. */
#ifndef BENCH_ENDPOINT_H
#define BENCH_ENDPOINT_H

#include "stream.h"

#include <sys/socket.h>

enum { BATCH_PACKETS = 64, BUFFER_OCTETS = 256, RECEIVE_BUFFER_OCTETS = 8 << 20 };

struct endpoint {
    int fd;
    unsigned queued;            /* packets composed and not yet sent */
    struct mmsghdr out[BATCH_PACKETS], in[BATCH_PACKETS];
    struct iovec out_parts[BATCH_PACKETS], in_parts[BATCH_PACKETS];
    struct sockaddr_in from[BATCH_PACKETS];
    uint8_t out_octets[BATCH_PACKETS][BUFFER_OCTETS], in_octets[BATCH_PACKETS][BUFFER_OCTETS];
};

void endpoint_init(struct endpoint *endpoint, int fd);

/* A buffer for one packet to `to`; the caller fills PACKET_OCTETS of it. Never more than BATCH_PACKETS before a flush. */
uint8_t *endpoint_queue(struct endpoint *endpoint, struct sockaddr_in *to);

/* Sends all that is queued. Returns 0, or -1 after one sentence on stderr. */
int endpoint_flush(struct endpoint *endpoint);

/* Receives what is there, without waiting. Returns the number of packets, or -1 after one sentence on stderr. */
int endpoint_receive(struct endpoint *endpoint);

/* Packets that the kernel threw away because this socket's buffer was full. */
unsigned endpoint_dropped(const struct endpoint *endpoint);

#endif
