// The safetensors file format [huggingface/safetensors, format description]: 8 bytes little-endian length of the header, a
// JSON header, then the tensors' bytes without gaps. Ours are F32 only. Private to net/.
#ifndef NET_SAFETENSORS_H
#define NET_SAFETENSORS_H

#include "base/status.h"

#include <stddef.h>

struct safetensor {
    char name[64];
    int num_dims, dims[4];
    size_t count;
    const void *data; // floats; writing: borrowed; read: in the file's bytes, not aligned: memcpy from it
};
struct safetensors_text { // an entry of __metadata__
    char key[32];
    char value[512];
};

struct safetensors {
    const char *path; // borrowed, for messages
    int num_tensors, num_texts;
    struct safetensor *tensors;     // by name
    struct safetensors_text *texts; // by key
    char *bytes;                    // of the file
};

enum status safetensors_write(const char *path, const struct safetensor *tensors, int num_tensors,
                              const struct safetensors_text *texts, int num_texts); // atomic
// Strict: F32, known ranks, offsets in order of the data without gap or overlap to the file's last byte, names unique.
// Says what is wrong and where; owes nothing then.
enum status safetensors_read(struct safetensors *out, const char *path);
void safetensors_done(struct safetensors *file);
const char *safetensors_text(const struct safetensors *file, const char *key); // NULL if absent
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);
// A whole number from the metadata, or STATUS_FORMAT and a line that names file and key.
enum status safetensors_integer(const struct safetensors *file, const char *key, long long low, long long high, long long *out);

#endif
