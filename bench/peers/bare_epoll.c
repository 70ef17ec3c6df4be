/*
 * The floor: the least a relay can do with one socket a port, epoll, recvfrom and sendto. It checks the source address,
 * knows nothing of RTP, and takes the arguments and prints the lines that protocol.py describes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, DATAGRAM_OCTETS = 2048 };

struct leg {
    int fd;
    struct leg *other;
    struct sockaddr_in peer;
};

struct arguments {
    unsigned sessions, low, high;
    struct sockaddr_in peers[2];
};

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void read_endpoint(struct sockaddr_in *address, const char *text)
{
    char host[64] = "";
    unsigned port = 0;
    sscanf(text, "%63[^:]:%u", host, &port);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &address->sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4 address and port.\n", text);
        exit(2);
    }
}

static void read_arguments(struct arguments *arguments, int count, char **words)
{
    static const struct option names[] = {{"sessions", required_argument, NULL, 's'},
                                          {"caller", required_argument, NULL, 'a'},
                                          {"callee", required_argument, NULL, 'b'},
                                          {"ports", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    *arguments = (struct arguments){.sessions = 1, .low = 10000, .high = 29999};
    for (int name; (name = getopt_long(count, words, "", names, NULL)) != -1;) {
        switch (name) {
        case 's': arguments->sessions = (unsigned)atoi(optarg); break;
        case 'a': read_endpoint(&arguments->peers[0], optarg); break;
        case 'b': read_endpoint(&arguments->peers[1], optarg); break;
        case 'p': sscanf(optarg, "%u-%u", &arguments->low, &arguments->high); break;
        default: exit(2);
        }
    }
}

static unsigned open_leg(struct leg *leg, unsigned *port, unsigned high)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    leg->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    for (; *port <= high; *port += 2) {
        local.sin_port = htons((uint16_t)*port);
        if (bind(leg->fd, (struct sockaddr *)&local, sizeof local) == 0) {
            *port += 2;
            return ntohs(local.sin_port);
        }
    }
    fprintf(stderr, "The port range is too small for that many sessions.\n");
    exit(1);
}

/* One packet a wake-up: epoll is level-triggered, and a second read would mostly say EAGAIN. */
static void relay(struct leg *leg)
{
    uint8_t datagram[DATAGRAM_OCTETS];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t octets = recvfrom(leg->fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &size);
    if (octets >= 0 && from.sin_port == leg->peer.sin_port && from.sin_addr.s_addr == leg->peer.sin_addr.s_addr)
        sendto(leg->other->fd, datagram, (size_t)octets, 0, (struct sockaddr *)&leg->other->peer, size);
}

int main(int count, char **words)
{
    struct arguments arguments;
    read_arguments(&arguments, count, words);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("{\"event\": \"started\", \"pid\": %d}\n", (int)getpid());
    fflush(stdout);
    double began = seconds_now();
    struct leg *legs = calloc(arguments.sessions * 2, sizeof *legs);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned port = arguments.low;
    printf("{\"event\": \"ready\", \"sessions\": [");
    for (unsigned index = 0; index < arguments.sessions * 2; index++) {
        struct leg *leg = &legs[index];
        leg->other = &legs[index ^ 1];
        leg->peer = arguments.peers[index & 1];
        unsigned bound = open_leg(leg, &port, arguments.high);
        epoll_ctl(poller, EPOLL_CTL_ADD, leg->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = leg});
        printf("%s\"127.0.0.1\", %u%s", index & 1 ? ", " : index ? ", [" : "[", bound, index & 1 ? "]" : "");
    }
    printf("], \"setup_seconds\": %.6f}\n", seconds_now() - began);
    fflush(stdout);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL}))
        return 0;    /* stdin is a file, which has ended already */
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int index = 0; index < ready; index++) {
            if (!events[index].data.ptr)
                return 0;
            relay(events[index].data.ptr);
        }
    }
}
