/*
 * Composes and checks the generator's packets: RTP with a PCMU payload of 160 octets (RFC 3550 5.1, RFC 3551 4.5.14)
 * that begins with the send time, the stream, the index and a check over them; the rest is a pattern of stream and index.
 */
#include "stream.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_OCTETS = 4096 };

struct head {
    uint64_t sent_ns;
    uint32_t stream_id;
    uint32_t index;
    uint64_t check;
};

enum { FILL_OFFSET = RTP_HEADER_OCTETS + sizeof(struct head), FILL_OCTETS = PACKET_OCTETS - FILL_OFFSET };

static uint8_t pattern[PATTERN_OCTETS + PACKET_OCTETS];

static uint64_t mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

static uint64_t head_check(const struct head *head, uint64_t nonce)
{
    return mix(head->sent_ns ^ mix(((uint64_t)head->stream_id << 32 | head->index) ^ nonce));
}

static const uint8_t *fill_of(uint32_t stream_id, uint32_t index)
{
    return pattern + ((stream_id * 31u + index * 17u) & (PATTERN_OCTETS - 1));
}

static void write_header(const struct stream *stream, uint32_t index, uint8_t *packet)
{
    uint16_t sequence_number = htons((uint16_t)(stream->first_sequence_number + index));
    uint32_t timestamp = htonl(stream->first_timestamp + index * SAMPLES_PER_PACKET);
    uint32_t ssrc = htonl(stream->ssrc);
    packet[0] = 0x80;
    packet[1] = index ? 0x00 : 0x80;    /* the marker begins the talkspurt */
    memcpy(packet + 2, &sequence_number, sizeof sequence_number);
    memcpy(packet + 4, &timestamp, sizeof timestamp);
    memcpy(packet + 8, &ssrc, sizeof ssrc);
}

static int read_address(struct sockaddr_in *address, const char *host, unsigned port)
{
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    return port > 0 && port < 65536 && inet_pton(AF_INET, host, &address->sin_addr) == 1 ? 0 : -1;
}

static void stream_begin(struct stream *stream, uint64_t seed, uint8_t side, const struct sockaddr_in *to,
                         const struct sockaddr_in *from)
{
    uint64_t random = mix(seed);
    memset(stream, 0, sizeof *stream);
    stream->to = *to;
    stream->from = *from;
    stream->side = side;
    stream->ssrc = (uint32_t)random;
    stream->first_sequence_number = (uint16_t)(random >> 32);
    stream->first_timestamp = (uint32_t)mix(random);
}

int traffic_load(struct traffic *traffic, const char *path, int both_directions)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "The session list %s cannot be read.\n", path);
        return -1;
    }
    for (size_t offset = 0; offset < sizeof pattern; offset++)
        pattern[offset] = (uint8_t)mix(offset);
    char hosts[2][64];
    unsigned ports[2];
    uint32_t room = 0;
    int fields;
    while ((fields = fscanf(file, "%63s %u %63s %u", hosts[0], &ports[0], hosts[1], &ports[1])) == 4) {
        struct sockaddr_in legs[2];
        if (read_address(&legs[0], hosts[0], ports[0]) || read_address(&legs[1], hosts[1], ports[1]))
            break;
        if (traffic->count + 2 > room) {
            room = room ? room * 2 : 64;
            traffic->streams = realloc(traffic->streams, room * sizeof *traffic->streams);
            if (!traffic->streams)
                break;
        }
        for (uint8_t side = 0; side < (both_directions ? 2 : 1); side++, traffic->count++)
            stream_begin(&traffic->streams[traffic->count], traffic->nonce + traffic->count, side, &legs[side],
                         &legs[!side]);
    }
    fclose(file);
    if (fields == EOF && traffic->count)
        return 0;
    fprintf(stderr, "The session list %s has a bad line after %u streams.\n", path, traffic->count);
    return -1;
}

void traffic_compose(struct traffic *traffic, uint32_t stream_id, uint64_t now_ns, uint8_t *packet)
{
    struct stream *stream = &traffic->streams[stream_id];
    struct head head = {.sent_ns = now_ns, .stream_id = stream_id, .index = stream->next};
    head.check = head_check(&head, traffic->nonce);
    write_header(stream, head.index, packet);
    memcpy(packet + RTP_HEADER_OCTETS, &head, sizeof head);
    memcpy(packet + FILL_OFFSET, fill_of(stream_id, head.index), FILL_OCTETS);
    stream->next++;
    traffic->in_flight++;
    traffic->counters.sent++;
}

static void skip(struct traffic *traffic, struct stream *stream, uint32_t gap)
{
    stream->history = gap < 64 ? stream->history << gap : 0;
    stream->expected += gap;
    traffic->in_flight -= gap;
    traffic->counters.lost += gap;
}

/* A gap is a loss at once, which gives the window back; a packet that fills one later takes the loss back. */
static void account(struct traffic *traffic, struct stream *stream, uint32_t index)
{
    struct counters *counters = &traffic->counters;
    if (index >= stream->expected) {
        if (index > stream->expected)
            skip(traffic, stream, index - stream->expected);
        stream->expected++;
        stream->history = stream->history << 1 | 1;
        traffic->in_flight--;
        counters->received++;
        return;
    }
    uint32_t age = stream->expected - 1 - index;
    if (age < 64 && stream->history >> age & 1) {
        counters->duplicated++;
        return;
    }
    counters->reordered++;
    if (age < 64) {
        stream->history |= (uint64_t)1 << age;
        counters->lost--;
        counters->received++;
    }
}

uint64_t traffic_check(struct traffic *traffic, int side, const struct sockaddr_in *from, const uint8_t *packet,
                       size_t size)
{
    struct head head;
    uint8_t header[RTP_HEADER_OCTETS];
    struct counters *counters = &traffic->counters;
    if (size != PACKET_OCTETS)
        goto corrupt;
    memcpy(&head, packet + RTP_HEADER_OCTETS, sizeof head);
    if (head.stream_id >= traffic->count || head.check != head_check(&head, traffic->nonce))
        goto corrupt;
    struct stream *stream = &traffic->streams[head.stream_id];
    write_header(stream, head.index, header);
    if (head.index >= stream->next || memcmp(header, packet, sizeof header) ||
        memcmp(packet + FILL_OFFSET, fill_of(head.stream_id, head.index), FILL_OCTETS))
        goto corrupt;
    if (side == stream->side || from->sin_port != stream->from.sin_port ||
        from->sin_addr.s_addr != stream->from.sin_addr.s_addr)
        counters->misrouted++;
    account(traffic, stream, head.index);
    return head.sent_ns;
corrupt:
    counters->corrupt++;
    return 0;
}

void traffic_give_up(struct traffic *traffic)
{
    for (uint32_t index = 0; index < traffic->count; index++) {
        struct stream *stream = &traffic->streams[index];
        skip(traffic, stream, stream->next - stream->expected);
    }
}
