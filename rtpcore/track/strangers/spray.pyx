# Spray detection: bounded, and of use under a flood of forged sources. A source that touched more ports outlives one
# that touched fewer, and a mark that is still at work outlives one that was forged once: so what a flood displaces is
# its own. Must not bar whom signalling vouches for: that is the caller's duty.

import secrets

cimport cython
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from rtpcore.atomics cimport exchange_acquire, load_acquire, store_release
from rtpcore.wire.address cimport address_from_python, transport_address


cdef enum:
    TRIES = 2000            # some microseconds
    WINDOW_MS = SPRAY_WINDOW_NS // 1_000_000


cdef inline uint64_t mix(uint64_t value) noexcept nogil:
    # The finaliser of SplitMix64: every input bit reaches every output bit.
    value = (value ^ (value >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    value = (value ^ (value >> 27)) * <uint64_t>0x94D049BB133111EB
    return value ^ (value >> 31)


cdef uint64_t digest_of(const spray_table* t, const transport_address* a) noexcept nogil:
    cdef uint64_t digest = mix(t.key ^ a.high)
    digest = mix(digest ^ a.low)
    return mix(digest ^ (<uint64_t>a.scope << 16) ^ a.port)


cdef spray_bucket* take(spray_table* t, uint64_t digest) noexcept nogil:
    # NULL: another thread is busy with it, and has been for longer than a look at a bucket takes.
    cdef spray_bucket* bucket = &t.buckets[digest % SPRAY_BUCKETS]
    cdef int _try
    for _try in range(TRIES):
        if load_acquire(&bucket.busy) == 0 and exchange_acquire(&bucket.busy, 1) == 0:
            return bucket
    return NULL


cdef void give_back(spray_bucket* bucket) noexcept nogil:
    store_release(&bucket.busy, 0)


cdef inline bint is_marked(const spray_source* s, uint64_t now_ns) noexcept nogil:
    return s.until_ns > now_ns


cdef inline bint is_idle(const spray_source* s, uint64_t now_ns) noexcept nogil:
    # Of no use any more, or free.
    return not is_marked(s, now_ns) and (s.count == 0 or now_ns > s.last_ns + SPRAY_WINDOW_NS)


cdef spray_source* find(spray_bucket* bucket, uint64_t digest) noexcept nogil:
    cdef int index
    for index in range(SPRAY_WAYS):
        if bucket.sources[index].digest == digest:
            return &bucket.sources[index]
    return NULL


cdef int marks(const spray_bucket* bucket, uint64_t now_ns) noexcept nogil:
    cdef int index, count = 0
    for index in range(SPRAY_WAYS):
        count += is_marked(&bucket.sources[index], now_ns)
    return count


cdef spray_source* displace(spray_bucket* bucket, bint marked, uint64_t now_ns) noexcept nogil:
    # Of those that are marked, or of those that are not: an idle one, else one that touched the fewest ports, else the
    # one that was quiet for the longest. Marks are compared by the last alone.
    cdef int index
    cdef spray_source* s
    cdef spray_source* best = NULL
    for index in range(SPRAY_WAYS):
        s = &bucket.sources[index]
        if is_marked(s, now_ns) != marked:
            continue
        if is_idle(s, now_ns):
            return s
        if (best == NULL or (not marked and s.count < best.count)
                or ((marked or s.count == best.count) and s.last_ns < best.last_ns)):
            best = s
    return best


cdef bint note_port(spray_source* s, uint32_t port, uint64_t now_ns) noexcept nogil:
    # True: enough of them.
    cdef uint32_t index, kept = 0
    cdef uint32_t now_ms = <uint32_t>(now_ns // 1_000_000)
    for index in range(s.count):
        if s.ports[index].number != port and <uint32_t>(now_ms - s.ports[index].touched_ms) <= WINDOW_MS:
            s.ports[kept] = s.ports[index]
            kept += 1
    s.ports[kept].number = port
    s.ports[kept].touched_ms = now_ms
    s.count = kept + 1
    return s.count == SPRAY_PORTS


cdef bint spray_touch(spray_table* t, const transport_address* source, uint32_t port, bint canary,
                      uint64_t now_ns) noexcept nogil:
    cdef uint64_t digest = digest_of(t, source)
    cdef spray_bucket* bucket = take(t, digest)
    cdef spray_source* s
    cdef bint caught
    if bucket == NULL:
        return False
    s = find(bucket, digest)
    if s == NULL:
        s = displace(bucket, canary and marks(bucket, now_ns) >= SPRAY_MARKED_WAYS, now_ns)
        memset(s, 0, sizeof(spray_source))
        s.digest = digest
    caught = note_port(s, port, now_ns) or canary
    s.last_ns = now_ns
    if caught:
        if not is_marked(s, now_ns) and marks(bucket, now_ns) >= SPRAY_MARKED_WAYS:
            memset(displace(bucket, True, now_ns), 0, sizeof(spray_source))
        s.until_ns = now_ns + SPRAY_MARK_NS
        s.count = 0                         # so that it takes as much to renew the mark
    give_back(bucket)
    return caught


cdef bint spray_marked(spray_table* t, const transport_address* source, uint64_t now_ns) noexcept nogil:
    cdef uint64_t digest = digest_of(t, source)
    cdef spray_bucket* bucket = take(t, digest)
    cdef spray_source* s
    cdef bint marked
    if bucket == NULL:
        return False
    s = find(bucket, digest)
    marked = s != NULL and is_marked(s, now_ns)
    if marked:
        s.last_ns = now_ns
    give_back(bucket)
    return marked


@cython.final
cdef class SprayTable:
    """Sources that talk to ports at random: 4,096 at most, shared by the workers of a relay.

    key: of the hash, by default a random one. May be used from any thread; times are monotonic nanoseconds.
    """

    def __cinit__(self, key=None):
        self.native.key = secrets.randbits(64) if key is None else key
        self.native.buckets = <spray_bucket*>malloc(SPRAY_BUCKETS * sizeof(spray_bucket))
        if self.native.buckets == NULL:
            raise MemoryError("no memory for a table of sprayers.")
        # Touched now: a page fault while a bucket is taken would keep it busy for long.
        memset(self.native.buckets, 0, SPRAY_BUCKETS * sizeof(spray_bucket))

    def __dealloc__(self):
        free(self.native.buckets)

    def touch(self, now_ns, source, port, canary=False):
        """source `(host, port)` talked to a local port where nothing vouches for it. Whether that marks it."""
        cdef transport_address address
        address_from_python(source, &address)
        return spray_touch(&self.native, &address, port, canary, now_ns)

    def marked(self, now_ns, source):
        """Whether source is a sprayer: it touched a canary, or eight ports in ten seconds, within the last minute."""
        cdef transport_address address
        address_from_python(source, &address)
        return spray_marked(&self.native, &address, now_ns)
