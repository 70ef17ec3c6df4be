/* Latencies in a log-linear histogram: 64 steps an octave, so that a percentile is right within 1.6 per cent. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEP_BITS = 6, HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS, HISTOGRAM_OCTAVES = 40 };

struct histogram {
    uint32_t counts[HISTOGRAM_OCTAVES * HISTOGRAM_STEPS];
    uint64_t total;
    uint64_t largest_ns;
};

static inline unsigned histogram_index(uint64_t value_ns)
{
    if (value_ns < HISTOGRAM_STEPS)
        return (unsigned)value_ns;
    unsigned octave = 63u - (unsigned)__builtin_clzll(value_ns) - HISTOGRAM_STEP_BITS;
    unsigned step = (unsigned)(value_ns >> octave) - HISTOGRAM_STEPS;
    unsigned index = (octave + 1) * HISTOGRAM_STEPS + step;
    unsigned last = HISTOGRAM_OCTAVES * HISTOGRAM_STEPS - 1;
    return index < last ? index : last;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value_ns)
{
    histogram->counts[histogram_index(value_ns)]++;
    histogram->total++;
    if (value_ns > histogram->largest_ns)
        histogram->largest_ns = value_ns;
}

/* The upper edge, in microseconds, of the step that holds the given share of all values; 0 when there are none. */
static inline double histogram_percentile_us(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)histogram->total);
    uint64_t seen = 0;
    for (unsigned index = 0; index < HISTOGRAM_OCTAVES * HISTOGRAM_STEPS; index++) {
        seen += histogram->counts[index];
        if (histogram->total && seen > wanted) {
            unsigned octave = index / HISTOGRAM_STEPS;
            uint64_t step = index % HISTOGRAM_STEPS;
            uint64_t edge = octave ? (step + HISTOGRAM_STEPS + 1) << (octave - 1) : step + 1;
            return (double)(edge < histogram->largest_ns ? edge : histogram->largest_ns) / 1000.0;
        }
    }
    return (double)histogram->largest_ns / 1000.0;
}

#endif
