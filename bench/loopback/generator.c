/*
 * The load: RTP over every session of a relay from two sockets, one for all callers and one for all callees.
 * Proof (every stream delivers, byte for byte, in order), warm-up, then the measured seconds. It spins while it waits,
 * so it wants a core to itself; busy_share says how far it was from being the limit. Prints JSON lines.
 */
#define _GNU_SOURCE
#include "endpoint.h"
#include "histogram.h"

#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define SECOND_NS 1000000000ull
#define STALL_NS 100000000ull       /* nothing arrives and nothing may be sent: what is in flight is lost */
#define DRAIN_NS 500000000ull       /* how long the last packets may take */

enum { PROOF_PACKETS = 4 };

struct options {
    const char *sessions;
    double seconds, warm_up;
    uint64_t window;                /* closed loop: packets in flight */
    double rate;                    /* paced: packets a second over all streams; 0: closed loop */
    int cpu, one_way, fds[2];
};

struct run {
    struct options options;
    struct traffic traffic;
    struct endpoint ends[2];
    uint32_t turn;                  /* the stream that sends next */
    uint64_t paced_from_ns, paced;
    uint64_t last_arrival_ns, idle_ns;
    int measuring;
    struct histogram latency, lateness;
};

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static double own_cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / (double)SECOND_NS;
}

static int run_receive(struct run *run)
{
    int total = 0;
    for (int side = 0; side < 2; side++) {
        struct endpoint *end = &run->ends[side];
        int count = endpoint_receive(end);
        if (count < 0)
            return -1;
        if (count == 0)
            continue;
        uint64_t arrival_ns = run->last_arrival_ns = now_ns();
        for (int slot = 0; slot < count; slot++) {
            uint64_t sent_ns = traffic_check(&run->traffic, side, &end->from[slot], end->in_octets[slot],
                                             end->in[slot].msg_len);
            if (sent_ns && run->measuring)
                histogram_add(&run->latency, arrival_ns - sent_ns);
        }
        total += count;
    }
    return total;
}

static int run_send(struct run *run, unsigned count)
{
    uint64_t stamp_ns = now_ns();
    for (unsigned sent = 0; sent < count; sent++) {
        struct stream *stream = &run->traffic.streams[run->turn];
        uint8_t *packet = endpoint_queue(&run->ends[stream->side], &stream->to);
        traffic_compose(&run->traffic, run->turn, stamp_ns, packet);
        if (++run->turn == run->traffic.count)
            run->turn = 0;
    }
    return endpoint_flush(&run->ends[0]) || endpoint_flush(&run->ends[1]) ? -1 : 0;
}

static unsigned closed_credit(struct run *run, uint64_t time_ns)
{
    struct traffic *traffic = &run->traffic;
    if (traffic->in_flight >= run->options.window && time_ns > run->last_arrival_ns + STALL_NS) {
        traffic_give_up(traffic);
        run->last_arrival_ns = time_ns;
    }
    if (traffic->in_flight >= run->options.window)
        return 0;
    uint64_t credit = run->options.window - traffic->in_flight;
    return credit < BATCH_PACKETS ? (unsigned)credit : BATCH_PACKETS;
}

static unsigned paced_credit(struct run *run, uint64_t time_ns)
{
    double rate = run->options.rate;
    uint64_t due = (uint64_t)((double)(time_ns - run->paced_from_ns) * rate / (double)SECOND_NS) + 1;
    unsigned credit = 0;
    while (run->paced < due && credit < BATCH_PACKETS) {
        uint64_t deadline_ns = run->paced_from_ns + (uint64_t)((double)run->paced * (double)SECOND_NS / rate);
        if (run->measuring)
            histogram_add(&run->lateness, time_ns > deadline_ns ? time_ns - deadline_ns : 0);
        run->paced++;
        credit++;
    }
    return credit;
}

/* Sends and receives until the time is up or, with a limit, until that many packets have been sent. */
static int run_phase(struct run *run, uint64_t until_ns, uint64_t limit)
{
    uint64_t turn_ns = now_ns();
    while (turn_ns < until_ns && run->traffic.counters.sent < limit) {
        unsigned credit = run->options.rate > 0 ? paced_credit(run, turn_ns) : closed_credit(run, turn_ns);
        if (credit > limit - run->traffic.counters.sent)
            credit = (unsigned)(limit - run->traffic.counters.sent);
        if (credit && run_send(run, credit))
            return -1;
        int received = run_receive(run);
        if (received < 0)
            return -1;
        uint64_t end_ns = now_ns();
        if (!credit && !received)
            run->idle_ns += end_ns - turn_ns;
        turn_ns = end_ns;
    }
    return 0;
}

static int run_drain(struct run *run)
{
    uint64_t begin_ns = now_ns();
    while (run->traffic.in_flight && now_ns() < begin_ns + DRAIN_NS)
        if (run_receive(run) < 0)
            return -1;
    traffic_give_up(&run->traffic);
    return 0;
}

/* Before any timing: the first packets of every stream arrive, all of them, as they were sent. */
static int run_prove(struct run *run)
{
    struct counters *counters = &run->traffic.counters;
    uint64_t wanted = (uint64_t)run->traffic.count * PROOF_PACKETS;
    double rate = run->options.rate;
    uint64_t window = run->options.window;
    run->options.rate = 0;
    run->options.window = window && window < BATCH_PACKETS ? window : BATCH_PACKETS;
    int failed = run_phase(run, now_ns() + 10 * SECOND_NS, wanted) || run_drain(run);
    run->options.rate = rate;
    run->options.window = window;
    if (failed)
        return -1;
    return counters->received == wanted && !counters->lost && !counters->reordered && !counters->duplicated &&
           !counters->corrupt && !counters->misrouted;
}

static void print_counters(const struct run *run)
{
    const struct counters *counters = &run->traffic.counters;
    printf("\"sent\": %lu, \"received\": %lu, \"lost\": %lu, \"reordered\": %lu, \"duplicated\": %lu, "
           "\"corrupt\": %lu, \"misrouted\": %lu, \"generator_dropped\": %u, ",
           counters->sent, counters->received, counters->lost, counters->reordered, counters->duplicated,
           counters->corrupt, counters->misrouted, endpoint_dropped(&run->ends[0]) + endpoint_dropped(&run->ends[1]));
}

static void print_percentiles(const char *name, const struct histogram *histogram)
{
    printf("\"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"largest\": %.1f}, ", name,
           histogram_percentile_us(histogram, 0.5), histogram_percentile_us(histogram, 0.99),
           histogram_percentile_us(histogram, 0.999), (double)histogram->largest_ns / 1000.0);
}

static int run_measure(struct run *run)
{
    run->last_arrival_ns = run->paced_from_ns = now_ns();
    if (run_phase(run, now_ns() + (uint64_t)(run->options.warm_up * (double)SECOND_NS), UINT64_MAX))
        return -1;
    printf("{\"event\": \"start\"}\n");
    fflush(stdout);
    run->measuring = 1;
    run->idle_ns = 0;
    uint64_t begin_ns = now_ns(), received = run->traffic.counters.received;
    double cpu_seconds = own_cpu_seconds();
    if (run_phase(run, begin_ns + (uint64_t)(run->options.seconds * (double)SECOND_NS), UINT64_MAX))
        return -1;
    double seconds = (double)(now_ns() - begin_ns) / (double)SECOND_NS;
    received = run->traffic.counters.received - received;
    cpu_seconds = own_cpu_seconds() - cpu_seconds;
    printf("{\"event\": \"stop\"}\n");
    fflush(stdout);
    run->measuring = 0;
    if (run_drain(run))
        return -1;
    printf("{\"event\": \"result\", \"proven\": true, ");
    print_counters(run);
    printf("\"measured_packets\": %lu, \"seconds\": %.6f, \"packets_per_second\": %.1f, ", received, seconds,
           (double)received / seconds);
    print_percentiles("latency_us", &run->latency);
    print_percentiles("send_lateness_us", &run->lateness);
    printf("\"busy_share\": %.4f, \"cpu_seconds\": %.6f}\n",
           1.0 - (double)run->idle_ns / (seconds * (double)SECOND_NS), cpu_seconds);
    return 0;
}

static const char USAGE[] =
    "usage: generator --sessions FILE --fds A,B (--window PACKETS | --rate PACKETS_A_SECOND) [--one-way]\n"
    "                 [--seconds S] [--warm-up S] [--cpu N]\n"
    "FILE has a line 'A_host A_port B_host B_port' a session; A and B are inherited, bound UDP sockets:\n"
    "all callers send from A, all callees from B.\n";

static int options_read(struct options *options, int count, char **words)
{
    static const struct option names[] = {
        {"sessions", required_argument, NULL, 's'}, {"fds", required_argument, NULL, 'f'},
        {"window", required_argument, NULL, 'w'},   {"rate", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 'd'},  {"warm-up", required_argument, NULL, 'u'},
        {"cpu", required_argument, NULL, 'c'},      {"one-way", no_argument, NULL, '1'},
        {NULL, 0, NULL, 0}};
    *options = (struct options){.seconds = 1, .warm_up = 0.5, .cpu = -1, .fds = {-1, -1}};
    for (int name; (name = getopt_long(count, words, "", names, NULL)) != -1;) {
        switch (name) {
        case 's': options->sessions = optarg; break;
        case 'f': sscanf(optarg, "%d,%d", &options->fds[0], &options->fds[1]); break;
        case 'w': options->window = strtoull(optarg, NULL, 10); break;
        case 'r': options->rate = strtod(optarg, NULL); break;
        case 'd': options->seconds = strtod(optarg, NULL); break;
        case 'u': options->warm_up = strtod(optarg, NULL); break;
        case 'c': options->cpu = atoi(optarg); break;
        case '1': options->one_way = 1; break;
        default: return -1;
        }
    }
    int one_mode = (options->window > 0) != (options->rate > 0);
    return options->sessions && options->fds[0] >= 0 && options->fds[1] >= 0 && one_mode ? 0 : -1;
}

int main(int count, char **words)
{
    static struct run run;
    if (options_read(&run.options, count, words)) {
        fputs(USAGE, stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (run.options.cpu >= 0) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET((unsigned)run.options.cpu, &cpus);
        if (sched_setaffinity(0, sizeof cpus, &cpus)) {
            fprintf(stderr, "The generator cannot run on core %d.\n", run.options.cpu);
            return 2;
        }
    }
    run.traffic.nonce = now_ns();
    if (traffic_load(&run.traffic, run.options.sessions, !run.options.one_way))
        return 2;
    for (int side = 0; side < 2; side++)
        endpoint_init(&run.ends[side], run.options.fds[side]);
    run.last_arrival_ns = now_ns();
    int proven = run_prove(&run);
    if (proven < 0)
        return 3;
    if (!proven) {
        printf("{\"event\": \"result\", \"proven\": false, ");
        print_counters(&run);
        printf("\"streams\": %u}\n", run.traffic.count);
        return 1;
    }
    return run_measure(&run) ? 3 : 0;
}
