// The safetensors file format [huggingface/safetensors, format description]: the length of the
// header as 8 bytes, little-endian, a JSON header, and the tensors' bytes without gaps. Ours are
// F32 only. Any thread. Private to net/.
#ifndef NET_SAFETENSORS_H
#define NET_SAFETENSORS_H

#include "base/status.h"

#include <stddef.h>

struct safetensor {
    char name[64];
    int num_dims, dims[4];
    size_t count;
    // The floats. For writing they are borrowed. After reading they are in the file's bytes,
    // without alignment, so that they have to be copied with memcpy.
    const void *data;
};
struct safetensors_text { // an entry of the __metadata__
    char key[32];
    char value[512];
};

struct safetensors {
    const char *path; // borrowed, for messages
    int num_tensors, num_texts;
    struct safetensor *tensors;     // sorted by name
    struct safetensors_text *texts; // sorted by key
    char *bytes;                    // the whole file
};

enum status safetensors_write(const char *path, const struct safetensor *tensors, int num_tensors,
                              // replaces the file at once or not at all
                              const struct safetensors_text *texts, int num_texts);
// Reads a file strictly: tensors are F32 with 1 to 4 dimensions, names are unique, and the data
// covers the file to its last byte without gaps or overlaps. A status says what is wrong and where,
// and *out then needs no safetensors_done.
enum status safetensors_read(struct safetensors *out, const char *path);
void safetensors_done(struct safetensors *file);
const char *safetensors_text(const struct safetensors *file, const char *key); // NULL where absent
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);
// Reads a whole number from the metadata. STATUS_FORMAT names the file and the key.
enum status safetensors_integer(const struct safetensors *file, const char *key, long long low, long long high, long long *out);

#endif
