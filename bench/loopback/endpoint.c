#define _GNU_SOURCE
#include "endpoint.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>

void endpoint_init(struct endpoint *endpoint, int fd)
{
    int octets = RECEIVE_BUFFER_OCTETS;
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->fd = fd;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);    /* as much as rmem_max allows */
    for (unsigned slot = 0; slot < BATCH_PACKETS; slot++) {
        endpoint->out_parts[slot] = (struct iovec){endpoint->out_octets[slot], PACKET_OCTETS};
        endpoint->in_parts[slot] = (struct iovec){endpoint->in_octets[slot], BUFFER_OCTETS};
        endpoint->out[slot].msg_hdr.msg_iov = &endpoint->out_parts[slot];
        endpoint->out[slot].msg_hdr.msg_iovlen = 1;
        endpoint->out[slot].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
        endpoint->in[slot].msg_hdr.msg_iov = &endpoint->in_parts[slot];
        endpoint->in[slot].msg_hdr.msg_iovlen = 1;
        endpoint->in[slot].msg_hdr.msg_name = &endpoint->from[slot];
    }
}

uint8_t *endpoint_queue(struct endpoint *endpoint, struct sockaddr_in *to)
{
    unsigned slot = endpoint->queued++;
    endpoint->out[slot].msg_hdr.msg_name = to;
    return endpoint->out_octets[slot];
}

/* ECONNREFUSED is a report about an earlier packet, ENOBUFS and EAGAIN a full queue: the packet is lost, not the run. */
int endpoint_flush(struct endpoint *endpoint)
{
    unsigned done = 0;
    while (done < endpoint->queued) {
        int sent = sendmmsg(endpoint->fd, endpoint->out + done, endpoint->queued - done, 0);
        if (sent > 0) {
            done += (unsigned)sent;
        } else if (errno == ECONNREFUSED || errno == ENOBUFS || errno == EAGAIN) {
            done++;
        } else if (errno != EINTR) {
            fprintf(stderr, "The generator cannot send: %s.\n", strerror(errno));
            return -1;
        }
    }
    endpoint->queued = 0;
    return 0;
}

int endpoint_receive(struct endpoint *endpoint)
{
    for (unsigned slot = 0; slot < BATCH_PACKETS; slot++)
        endpoint->in[slot].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
    int count = recvmmsg(endpoint->fd, endpoint->in, BATCH_PACKETS, MSG_DONTWAIT | MSG_TRUNC, NULL);
    if (count >= 0)
        return count;
    if (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED)
        return 0;
    fprintf(stderr, "The generator cannot receive: %s.\n", strerror(errno));
    return -1;
}

unsigned endpoint_dropped(const struct endpoint *endpoint)
{
    unsigned figures[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof figures;
    getsockopt(endpoint->fd, SOL_SOCKET, SO_MEMINFO, figures, &size);
    return figures[SK_MEMINFO_DROPS];
}
