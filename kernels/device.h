// A CUDA device as plain C: memory, one stream, captured graphs. Host code needs no other header
// for these things.
//
// device_cuda.c implements it over the CUDA runtime. device_host.c implements it on the host for
// tests, where kernels run under kernels/emulate.h: the same backend, the same kernels, no card.
//
// A `struct device` is one client's handle of a card: a stream of its own, library handles, scratch
// memory. One thread at a time uses it; many may exist for one card. Everything runs on its stream,
// in the order of the calls. A call that can fail for want of a card or of memory says so in its
// result. Whatever else CUDA refuses later means a broken program or a broken card: the call and
// the error are named in one line on stderr, and the program aborts.
#ifndef KERNELS_DEVICE_H
#define KERNELS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DEVICE_TEXT = 160 }; // bytes of an explanation `why`, with its end

struct device;
struct device_graph; // a captured CUDA graph

struct device_facts {
    char name[128];                   // "NVIDIA H200"
    int compute;                      // compute capability, 90 for 9.0
    int processors;                   // streaming multiprocessors
    size_t memory_bytes;              // of the card
    size_t shared_bytes;              // the most shared memory a block can opt in to
    size_t l2_bytes;                  // of the second-level cache
    int driver, runtime, cudnn, nccl; // versions as those libraries number them; 0 where absent
};

// How many cards answer. Where it is 0, `why` holds what the driver said ("no NVIDIA driver on this
// machine: ...").
int device_count(char why[DEVICE_TEXT]);
// The three calls that follow return false where the card can't be used, and `why` says the reason.
// Describing a card takes no memory on it.
bool device_describe(int index, struct device_facts *out, char why[DEVICE_TEXT]);
bool device_open(struct device **out, int index, char why[DEVICE_TEXT]);
void device_close(struct device *device); // waits for its stream; NULL is allowed
const struct device_facts *device_facts_of(const struct device *device);
int device_index(const struct device *device);

// A plain allocation on the card (never managed memory), zeroed. NULL means that it was refused and
// that nothing changed.
void *device_alloc(struct device *device, size_t bytes);
// Waits until the stream no longer uses the memory. NULL is allowed.
void device_free(struct device *device, void *memory);
size_t device_free_bytes(struct device *device); // what the card has left at this moment
// Host memory that the card reads without a copy in between. NULL means that it was refused.
void *device_pinned(struct device *device, size_t bytes);
void device_unpin(struct device *device, void *memory);
// The caller may change `host`, pinned or not, as soon as the call returns.
void device_upload(struct device *device, void *to, const void *host, size_t bytes);
// Returns when the bytes have arrived in `host`.
void device_download(struct device *device, void *host, const void *from, size_t bytes);
// Copies from card to card.
void device_copy(struct device *device, void *to, const void *from, size_t bytes);
void device_wait(struct device *device); // until all work on the stream is done

// Work memory of at least `bytes` on the card, whose content is valid until the next call. NULL
// means that it was refused. It can't grow during a capture, which aborts the program: the same
// work has to run once before it is captured. Outgrown memory is kept until device_close, since
// captured graphs go on using it.
void *device_scratch(struct device *device, size_t bytes);

// Everything that is launched between begin and end is captured into a CUDA graph and does not run;
// device_graph_launch runs all of it with one call. Uploads and downloads are not allowed in
// between. Where a device does not capture, begin returns false or end returns NULL, and the caller
// has to launch the work call by call each time.
bool device_capture_begin(struct device *device);
struct device_graph *device_capture_end(struct device *device);
void device_graph_launch(struct device *device, const struct device_graph *graph);
void device_graph_free(struct device_graph *graph);

// The time on the device between two marks on the stream, in seconds. The call that stops waits for
// the second mark.
void device_timer_start(struct device *device);
double device_timer_stop(struct device *device);

// The two calls that follow are for the functions that launch kernels. device_checked ends the
// program with one line where the last launch failed.
void *device_stream(struct device *device); // cudaStream_t
void device_checked(const char *what);

#ifdef __cplusplus
}
#endif
#endif
