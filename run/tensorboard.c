// Protobuf is written by hand: a message is a sequence of fields, each of which is a key and a
// value. An event is built from the inside out, since a message stands in its parent with its
// length in front.
#include "run/tensorboard.h"

#include "base/files.h"
#include "base/memory.h"
#include "run/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The wire types of protobuf.
enum { WIRE_VARINT = 0, WIRE_64_BITS = 1, WIRE_BYTES = 2, WIRE_32_BITS = 5 };

struct tensorboard {
    FILE *file;
    char path[PATH_BYTES];
    // Kept from event to event, so that steady use allocates nothing.
    struct byte_buffer event, summary, value, frame;
};

static void put_varint(struct byte_buffer *out, uint64_t value) {
    for (; value >= 128; value >>= 7) buffer_put(out, (value & 127) | 128, 1);
    buffer_put(out, value, 1);
}

static void put_key(struct byte_buffer *out, int field, int wire) { put_varint(out, (uint64_t)(field << 3 | wire)); }

static void put_bytes(struct byte_buffer *out, int field, const void *data, size_t num_bytes) {
    put_key(out, field, WIRE_BYTES);
    put_varint(out, num_bytes);
    buffer_append(out, data, num_bytes);
}

// A CRC over bytes that contain CRCs is weak, hence the mask [TensorFlow, core/lib/hash/crc32c.h].
static uint32_t masked_crc(const void *data, size_t num_bytes) {
    const uint32_t crc = crc32c(0, data, num_bytes);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static enum status write_event(struct tensorboard *tb) {
    tb->frame.num_bytes = 0;
    buffer_put(&tb->frame, tb->event.num_bytes, 8);
    buffer_put(&tb->frame, masked_crc(tb->frame.data, 8), 4);
    buffer_append(&tb->frame, tb->event.data, tb->event.num_bytes);
    buffer_put(&tb->frame, masked_crc(tb->event.data, tb->event.num_bytes), 4);
    if (fwrite(tb->frame.data, 1, tb->frame.num_bytes, tb->file) == tb->frame.num_bytes) return STATUS_OK;
    return status_fail(STATUS_IO, "%s: can't write: %s", tb->path, strerror(errno));
}

static void begin_event(struct tensorboard *tb, double wall, long long step) {
    tb->event.num_bytes = 0;
    put_key(&tb->event, 1, WIRE_64_BITS);
    buffer_put_double(&tb->event, wall);
    put_key(&tb->event, 2, WIRE_VARINT);
    put_varint(&tb->event, (uint64_t)step);
}

enum status tensorboard_new(struct tensorboard **out, const char *folder, double wall) {
    struct tensorboard *tb = memory_new(1, sizeof *tb, "an event file");
    path_format(tb->path, "%s/events.out.tfevents.%010lld.tengen", folder, (long long)wall);
    tb->file = fopen(tb->path, "wbe");
    if (!tb->file) {
        const enum status status = status_fail(STATUS_IO, "%s: can't create: %s", tb->path, strerror(errno));
        free(tb);
        return status;
    }
    begin_event(tb, wall, 0);
    put_bytes(&tb->event, 3, "brain.Event:2", strlen("brain.Event:2"));
    const enum status status = write_event(tb);
    if (status) {
        tensorboard_free(tb);
        return status;
    }
    *out = tb;
    return STATUS_OK;
}

void tensorboard_free(struct tensorboard *tb) {
    if (!tb) return;
    fclose(tb->file);
    free(tb->event.data);
    free(tb->summary.data);
    free(tb->value.data);
    free(tb->frame.data);
    free(tb);
}

enum status tensorboard_add(struct tensorboard *tb, double wall, long long step, const struct scalar *scalars,
                            int num_scalars) {
    tb->summary.num_bytes = 0;
    for (int i = 0; i < num_scalars; i++) {
        tb->value.num_bytes = 0;
        put_bytes(&tb->value, 1, scalars[i].tag, strlen(scalars[i].tag));
        put_key(&tb->value, 2, WIRE_32_BITS);
        buffer_put_float(&tb->value, (float)scalars[i].value);
        put_bytes(&tb->summary, 1, tb->value.data, tb->value.num_bytes);
    }
    begin_event(tb, wall, step);
    put_bytes(&tb->event, 5, tb->summary.data, tb->summary.num_bytes);
    return write_event(tb);
}

enum status tensorboard_flush(struct tensorboard *tb) {
    return fflush(tb->file) ? status_fail(STATUS_IO, "%s: can't write: %s", tb->path, strerror(errno)) : STATUS_OK;
}
