// Little-endian bytes, a buffer that grows, and CRC-32C: what the run's own file formats are made of.
#ifndef RUN_BYTES_H
#define RUN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zero it to begin; free `data` at the end.
struct byte_buffer {
    uint8_t *data;
    size_t num_bytes, max_bytes;
};
void buffer_append(struct byte_buffer *buffer, const void *data, size_t num_bytes);
void buffer_put(struct byte_buffer *buffer, uint64_t value, int num_bytes); // the low bytes, least first
void buffer_put_float(struct byte_buffer *buffer, float value);
void buffer_put_double(struct byte_buffer *buffer, double value);

// Reads from bytes that are not to be trusted: past the end it yields zeros and remembers.
struct byte_reader {
    const uint8_t *data;
    size_t num_bytes, at;
    bool is_short; // something was read past the end
};
uint64_t reader_get(struct byte_reader *reader, int num_bytes);
float reader_get_float(struct byte_reader *reader);
double reader_get_double(struct byte_reader *reader);
const uint8_t *reader_take(struct byte_reader *reader, size_t num_bytes); // NULL past the end

// CRC-32C (Castagnoli) [RFC 3720, B.4]. `seed` is the checksum of what went before, 0 at the start.
uint32_t crc32c(uint32_t seed, const void *data, size_t num_bytes);

#endif
