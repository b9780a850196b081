// Little-endian bytes, a buffer that grows, and CRC-32C, of which the run's own file formats are
// made. There is no global state: any thread may use its own buffer or reader.
#ifndef RUN_BYTES_H
#define RUN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A zeroed struct is an empty buffer; the caller frees `data` at the end.
struct byte_buffer {
    uint8_t *data;
    size_t num_bytes, max_bytes;
};
void buffer_append(struct byte_buffer *buffer, const void *data, size_t num_bytes);
// Appends the `num_bytes` low bytes of `value`, the least significant first.
void buffer_put(struct byte_buffer *buffer, uint64_t value, int num_bytes);
void buffer_put_float(struct byte_buffer *buffer, float value);
void buffer_put_double(struct byte_buffer *buffer, double value);

// Reads bytes that are not to be trusted: past the end it yields zeros and sets `is_short`.
struct byte_reader {
    const uint8_t *data;
    size_t num_bytes, at;
    bool is_short; // Something was read past the end.
};
uint64_t reader_get(struct byte_reader *reader, int num_bytes);
float reader_get_float(struct byte_reader *reader);
double reader_get_double(struct byte_reader *reader);
// Borrowed from `data`; NULL past the end.
const uint8_t *reader_take(struct byte_reader *reader, size_t num_bytes);

// CRC-32C (Castagnoli) [RFC 3720, B.4]. `seed` is the checksum of what went before, or 0 at the
// start.
uint32_t crc32c(uint32_t seed, const void *data, size_t num_bytes);

#endif
