// Bytes are put and taken one number at a time, least significant byte first, so that a file reads
// the same on every machine. The reader never goes past the end: it yields zeros from there on and
// remembers it, so that a parser may check once, at the end of what it reads.
#include "run/bytes.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void buffer_append(struct byte_buffer *buffer, const void *data, size_t num_bytes) {
    if (num_bytes == 0) return;
    if (buffer->num_bytes + num_bytes > buffer->max_bytes) {
        buffer->max_bytes = 2 * (buffer->num_bytes + num_bytes);
        buffer->data = memory_resize(buffer->data, buffer->max_bytes, 1, "bytes of a file");
    }
    memcpy(buffer->data + buffer->num_bytes, data, num_bytes);
    buffer->num_bytes += num_bytes;
}

void buffer_put(struct byte_buffer *buffer, uint64_t value, int num_bytes) {
    uint8_t bytes[8];
    for (int i = 0; i < num_bytes; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    buffer_append(buffer, bytes, (size_t)num_bytes);
}

void buffer_put_float(struct byte_buffer *buffer, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_put(buffer, bits, 4);
}

void buffer_put_double(struct byte_buffer *buffer, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_put(buffer, bits, 8);
}

const uint8_t *reader_take(struct byte_reader *reader, size_t num_bytes) {
    if (reader->is_short || num_bytes > reader->num_bytes - reader->at) {
        reader->is_short = true;
        return NULL;
    }
    const uint8_t *taken = reader->data + reader->at;
    reader->at += num_bytes;
    return taken;
}

uint64_t reader_get(struct byte_reader *reader, int num_bytes) {
    const uint8_t *bytes = reader_take(reader, (size_t)num_bytes);
    uint64_t value = 0;
    for (int i = 0; bytes && i < num_bytes; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

float reader_get_float(struct byte_reader *reader) {
    const uint32_t bits = (uint32_t)reader_get(reader, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double reader_get_double(struct byte_reader *reader) {
    const uint64_t bits = reader_get(reader, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// The table takes one lookup for each byte. It is made anew at each call: its 2,048 steps are
// nothing beside a chunk, and a static table would be the folder's only mutable global.
uint32_t crc32c(uint32_t seed, const void *data, size_t num_bytes) {
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t word = i;
        for (int bit = 0; bit < 8; bit++) word = word & 1 ? word >> 1 ^ 0x82f63b78u : word >> 1;
        table[i] = word;
    }
    const uint8_t *bytes = data;
    uint32_t crc = ~seed;
    for (size_t i = 0; i < num_bytes; i++) crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 255];
    return ~crc;
}
