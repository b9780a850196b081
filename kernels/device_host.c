// device.h on the host, for tests: memory is malloc's, kernels run under emulate.h at the time of
// their launch, so the stream is always empty. It claims two cards of compute capability 9.0, so
// that code for several devices runs too. It does not capture graphs.
//
// 1. Every allocation ends in guard bytes that device_free checks; under AddressSanitizer they are
//    poisoned as well.
// 2. What a card would refuse (more memory than it has) is refused here.
#define _POSIX_C_SOURCE 200809L
#include "kernels/device.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, bytes) ((void)(memory), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(memory, bytes) ((void)(memory), (void)(bytes))
#endif

// Memory is aligned to 256 bytes, as cudaMalloc's is.
enum { NUM_CARDS = 2, ALIGNMENT = 256, GUARD_BYTES = 64, GUARD = 0xa5 };
static const size_t MEMORY_BYTES = (size_t)16 << 30; // chosen, not tuned
static const uint64_t MAGIC = 0x656d756c61746564;    // "emulated"

struct device {
    struct device_facts facts;
    int index;
    size_t used_bytes;
    void *scratch;
    size_t scratch_bytes;
    struct timespec start;
};

struct header { // in the ALIGNMENT bytes before every allocation
    uint64_t magic;
    struct device *owner;
    size_t bytes;
};

_Noreturn static void broken(const char *what) {
    fprintf(stderr, "emulated device: %s\n", what);
    abort();
}

int device_count(char why[DEVICE_TEXT]) {
    (void)why;
    return NUM_CARDS;
}

bool device_describe(int index, struct device_facts *out, char why[DEVICE_TEXT]) {
    if (index < 0 || index >= NUM_CARDS) {
        snprintf(why, DEVICE_TEXT, "no emulated card %d: there are %d", index, NUM_CARDS);
        return false;
    }
    *out = (struct device_facts){.name = "emulated",
                                 .compute = 90,
                                 // Few, so that persistent kernels go round more than once.
                                 .processors = 4,
                                 .memory_bytes = MEMORY_BYTES,
                                 .shared_bytes = 227 << 10,
                                 .l2_bytes = 50 << 20};
    return true;
}

bool device_open(struct device **out, int index, char why[DEVICE_TEXT]) {
    struct device_facts facts;
    if (!device_describe(index, &facts, why)) return false;
    struct device *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(why, DEVICE_TEXT, "out of memory");
        return false;
    }
    d->facts = facts;
    d->index = index;
    *out = d;
    return true;
}

void device_close(struct device *d) {
    if (!d) return;
    device_free(d, d->scratch);
    if (d->used_bytes) broken("closed with memory that was not freed");
    free(d);
}

const struct device_facts *device_facts_of(const struct device *d) { return &d->facts; }
int device_index(const struct device *d) { return d->index; }

void *device_alloc(struct device *d, size_t bytes) {
    if (bytes > MEMORY_BYTES - d->used_bytes) return NULL;
    const size_t whole = (ALIGNMENT + bytes + GUARD_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    unsigned char *block = aligned_alloc(ALIGNMENT, whole);
    if (!block) return NULL;
    *(struct header *)block = (struct header){MAGIC, d, bytes};
    memset(block + ALIGNMENT, 0, bytes);
    memset(block + ALIGNMENT + bytes, GUARD, whole - ALIGNMENT - bytes);
    ASAN_POISON_MEMORY_REGION(block + ALIGNMENT + bytes, whole - ALIGNMENT - bytes);
    d->used_bytes += bytes;
    return block + ALIGNMENT;
}

size_t device_free_bytes(struct device *d) { return MEMORY_BYTES - d->used_bytes; }

void device_free(struct device *d, void *memory) {
    if (!memory) return;
    unsigned char *block = (unsigned char *)memory - ALIGNMENT;
    struct header *header = (struct header *)block;
    if (header->magic != MAGIC) broken("freed what is no allocation of a device");
    if (header->owner != d) broken("freed another handle's memory");
    const size_t whole = (ALIGNMENT + header->bytes + GUARD_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ASAN_UNPOISON_MEMORY_REGION(block, whole);
    for (size_t i = ALIGNMENT + header->bytes; i < whole; i++)
        if (block[i] != GUARD) broken("something wrote beyond the end of an allocation");
    d->used_bytes -= header->bytes;
    header->magic = 0;
    free(block);
}

void *device_pinned(struct device *d, size_t bytes) {
    (void)d;
    return bytes > MEMORY_BYTES ? NULL : calloc(1, bytes ? bytes : 1);
}
void device_unpin(struct device *d, void *memory) {
    (void)d;
    free(memory);
}

void device_upload(struct device *d, void *to, const void *host, size_t bytes) {
    (void)d;
    if (bytes) memcpy(to, host, bytes);
}
void device_download(struct device *d, void *host, const void *from, size_t bytes) {
    (void)d;
    if (bytes) memcpy(host, from, bytes);
}
void device_copy(struct device *d, void *to, const void *from, size_t bytes) {
    (void)d;
    if (bytes) memcpy(to, from, bytes);
}
void device_wait(struct device *d) { (void)d; }

void *device_scratch(struct device *d, size_t bytes) {
    if (bytes > d->scratch_bytes || !d->scratch) {
        void *grown = device_alloc(d, bytes);
        if (!grown) return NULL;
        device_free(d, d->scratch);
        d->scratch = grown;
        d->scratch_bytes = bytes;
    }
    // The old content is no longer valid, and a caller that still reads it gets NaN.
    memset(d->scratch, 0xff, d->scratch_bytes);
    return d->scratch;
}

bool device_capture_begin(struct device *d) {
    (void)d;
    return false;
}
struct device_graph *device_capture_end(struct device *d) {
    (void)d;
    return NULL;
}
void device_graph_launch(struct device *d, const struct device_graph *graph) {
    (void)d, (void)graph;
    broken("launched a graph that does not exist");
}
void device_graph_free(struct device_graph *graph) {
    if (graph) broken("freed a graph that can't be");
}

void device_timer_start(struct device *d) { timespec_get(&d->start, TIME_UTC); }
double device_timer_stop(struct device *d) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)(now.tv_sec - d->start.tv_sec) + 1e-9 * (double)(now.tv_nsec - d->start.tv_nsec);
}

void *device_stream(struct device *d) { return d; }
void device_checked(const char *what) { (void)what; }
