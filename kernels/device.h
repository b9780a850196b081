// A CUDA device as plain C: memory, one stream, recorded graphs. The only header that host code needs for them.
//
// device_cuda.c implements it over the CUDA runtime. device_host.c implements it on the host for tests, where kernels run
// under kernels/emulate.h: the same backend, the same kernels, no card.
//
// A `struct device` is one client's handle of a card: a stream of its own, library handles, scratch memory. One thread at a
// time uses it; many may exist for one card. Everything runs in the order of the calls on its stream.
// Calls that can fail for want of a card or memory say so; anything else that CUDA refuses later is a broken program or a
// broken card: one line on stderr that names the call and the error, then abort.
#ifndef KERNELS_DEVICE_H
#define KERNELS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DEVICE_TEXT = 160 };

struct device;
struct recording;

struct device_facts {
    char name[128];      // "NVIDIA H200"
    int compute;         // compute capability, 90 for 9.0
    int processors;      // streaming multiprocessors
    size_t memory_bytes; // of the card
    size_t shared_bytes; // the most shared memory a block can opt in to
    size_t l2_bytes;
    int driver, runtime, cudnn, nccl; // versions as those libraries number them; 0 where absent
};

// Cards that answer; 0: `why` says what the driver said ("no NVIDIA driver on this machine: ...").
int device_count(char why[DEVICE_TEXT]);
bool device_describe(int index, struct device_facts *out, char why[DEVICE_TEXT]); // takes nothing on the card
bool device_open(struct device **out, int index, char why[DEVICE_TEXT]);
void device_close(struct device *device); // NULL is fine; waits for its stream
const struct device_facts *device_facts_of(const struct device *device);
int device_index(const struct device *device);

// Memory. Plain allocations of the card (never managed memory), zeroed. NULL: refused, nothing changed.
void *device_alloc(struct device *device, size_t bytes);
void device_free(struct device *device, void *memory); // NULL is fine; waits until the stream no longer uses it
size_t device_free_bytes(struct device *device);       // of the card, at this moment
// Pinned host memory; NULL: refused.
void *device_pinned(struct device *device, size_t bytes);
void device_unpin(struct device *device, void *memory);
// `host` may be reused on return; pinned or not.
void device_upload(struct device *device, void *to, const void *host, size_t bytes);
void device_download(struct device *device, void *host, const void *from, size_t bytes); // waits until it is there
void device_copy(struct device *device, void *to, const void *from, size_t bytes);       // on the card
void device_wait(struct device *device);

// Scratch of at least `bytes`, its content valid until the next call; grows when no recording is under way (else aborts: run the
// same work once before recording it) and is never given back before the end, since recordings go on using it. NULL: refused.
void *device_scratch(struct device *device, size_t bytes);

// Recorded work (a CUDA graph): everything launched between begin and end is recorded and not run. Uploads and downloads are
// not allowed inside. NULL: this device does not record; the work must then be launched each time.
bool device_record_begin(struct device *device);
struct recording *device_record_end(struct device *device);
void device_replay(struct device *device, const struct recording *recording);
void device_recording_free(struct recording *recording);

// Device time between two marks on the stream, in seconds; stop waits.
void device_timer_start(struct device *device);
double device_timer_stop(struct device *device);

// For launchers.
void *device_stream(struct device *device); // cudaStream_t
void device_checked(const char *what);      // the last launch's error, if any, ends the program with a line

#ifdef __cplusplus
}
#endif
#endif
