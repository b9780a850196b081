// TensorBoard's event files are read back by a decoder that shares nothing with the encoder.
#include "run/tensorboard.h"

#include "run/bytes.h"
#include "tests/run/folder.h"

static void test_crc32c_gives_the_published_values(void) {
    uint8_t zeros[32] = {0}, ones[32], rising[32]; // These are the vectors of RFC 3720, B.4.
    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++) rising[i] = (uint8_t)i;
    EXPECT_INT(crc32c(0, "123456789", 9), 0xe3069283);
    EXPECT_INT(crc32c(0, zeros, 32), 0x8a9136aa);
    EXPECT_INT(crc32c(0, ones, 32), 0x62a8ab43);
    EXPECT_INT(crc32c(0, rising, 32), 0x46dd794e);
    EXPECT_INT(crc32c(crc32c(0, "12345", 5), "6789", 4), 0xe3069283);
}

// The CRC by its definition: the remainder of a division of polynomials, bit by bit; only the input
// and the end are reflected.
static uint32_t plain_crc(const uint8_t *data, size_t num_bytes) {
    uint32_t remainder = 0xffffffff, reflected = 0;
    for (size_t i = 0; i < 8 * num_bytes; i++) {
        const uint32_t bit = data[i / 8] >> i % 8 & 1u;
        const bool carry = (remainder >> 31 ^ bit) != 0;
        remainder = remainder << 1 ^ (carry ? 0x1edc6f41u : 0);
    }
    for (int i = 0; i < 32; i++) reflected |= (remainder >> i & 1) << (31 - i);
    return ~reflected;
}

static uint64_t little(const uint8_t *data, int num_bytes) {
    uint64_t value = 0;
    for (int i = num_bytes - 1; i >= 0; i--) value = value << 8 | data[i];
    return value;
}

static bool crc_is_right(const uint8_t *data, size_t num_bytes, const uint8_t *stored) {
    const uint32_t masked = (uint32_t)little(stored, 4) - 0xa282ead8u;
    return (masked >> 17 | masked << 15) == plain_crc(data, num_bytes);
}

struct message {
    const uint8_t *at, *end;
};
struct field {
    int number, wire;
    uint64_t number_value; // A varint or a fixed number.
    struct message bytes;
};

static uint64_t varint(struct message *m) {
    uint64_t value = 0;
    for (int shift = 0; m->at < m->end && shift < 64; shift += 7) {
        const uint8_t byte = *m->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) return value;
    }
    EXPECT(!"a varint ends");
    return value;
}

static bool next_field(struct message *m, struct field *field) {
    if (m->at >= m->end) return false;
    const uint64_t key = varint(m);
    *field = (struct field){.number = (int)(key >> 3), .wire = (int)(key & 7)};
    size_t size = field->wire == 1 ? 8 : field->wire == 5 ? 4 : 0;
    if (field->wire == 0) field->number_value = varint(m);
    if (field->wire == 2) {
        size = varint(m);
        field->bytes = (struct message){m->at, m->at + size};
    }
    EXPECT(field->wire == 0 || field->wire == 1 || field->wire == 2 || field->wire == 5);
    EXPECT(size <= (size_t)(m->end - m->at));
    if (field->wire == 1 || field->wire == 5) field->number_value = little(m->at, (int)size);
    m->at += size;
    return true;
}

struct decoded {
    char version[32];
    double wall;
    long long step;
    int num_scalars;
    char tags[8][32];
    double values[8];
};

static void decode_value(struct message m, struct decoded *out) {
    struct field field;
    const int i = out->num_scalars++;
    CHECK(i < 8);
    while (next_field(&m, &field)) {
        if (field.number == 1) snprintf(out->tags[i], 32, "%.*s", (int)(field.bytes.end - field.bytes.at), field.bytes.at);
        if (field.number != 2) continue;
        const uint32_t bits = (uint32_t)field.number_value;
        float value;
        memcpy(&value, &bits, 4);
        EXPECT_INT(field.wire, 5);
        out->values[i] = value;
    }
}

static void decode_event(struct message m, struct decoded *out) {
    struct field field, value;
    *out = (struct decoded){0};
    while (next_field(&m, &field)) {
        if (field.number == 1) memcpy(&out->wall, &field.number_value, 8);
        if (field.number == 2) out->step = (long long)field.number_value;
        if (field.number == 3) snprintf(out->version, 32, "%.*s", (int)(field.bytes.end - field.bytes.at), field.bytes.at);
        if (field.number == 5)
            while (next_field(&field.bytes, &value))
                if (value.number == 1) decode_value(value.bytes, out);
    }
}

static void test_events_are_read_back_as_they_were_written(const char *folder) {
    struct tensorboard *tb;
    CHECK(tensorboard_new(&tb, folder, 1700000000.5) == STATUS_OK);
    for (int i = 0; i < 300; i++) {
        const struct scalar scalars[] = {{"loss/policy", 1.0 / (i + 1)}, {"games", 1000.0 * i}, {"elo", -i}};
        EXPECT_INT(tensorboard_add(tb, 1700000000.5 + i, (long long)i * i * i * 1000, scalars, 1 + i % 3), STATUS_OK);
    }
    EXPECT_INT(tensorboard_flush(tb), STATUS_OK);

    char path[PATH_BYTES], *bytes;
    size_t num_bytes, at = 0;
    CHECK(file_read(path_format(path, "%s/events.out.tfevents.1700000000.tengen", folder), &bytes, &num_bytes) == STATUS_OK);
    int events = 0;
    while (at + 12 <= num_bytes) {
        const uint8_t *head = (const uint8_t *)bytes + at;
        const size_t length = little(head, 8);
        EXPECT(crc_is_right(head, 8, head + 8));
        CHECK(length <= num_bytes - at - 16);
        EXPECT(crc_is_right(head + 12, length, head + 12 + length));
        struct decoded event;
        decode_event((struct message){head + 12, head + 12 + length}, &event);
        const int i = events++ - 1; // The first event only says the version.
        at += 16 + length;
        if (i < 0) {
            EXPECT_TEXT(event.version, "brain.Event:2");
            EXPECT_NEAR(event.wall, 1700000000.5, 0);
            continue;
        }
        EXPECT_NEAR(event.wall, 1700000000.5 + i, 0);
        EXPECT_INT(event.step, (long long)i * i * i * 1000);
        EXPECT_INT(event.num_scalars, 1 + i % 3);
        EXPECT_TEXT(event.tags[0], "loss/policy");
        EXPECT_NEAR(event.values[0], (float)(1.0 / (i + 1)), 0);
        if (i % 3 == 2) EXPECT_TEXT(event.tags[2], "elo");
        if (i % 3 == 2) EXPECT_NEAR(event.values[2], -i, 0);
    }
    EXPECT_INT(at, num_bytes);
    EXPECT_INT(events, 301);
    free(bytes);
    tensorboard_free(tb);
}

int main(void) {
    char folder[PATH_BYTES];
    make_folder(folder, "tensorboard");
    test_crc32c_gives_the_published_values();
    test_events_are_read_back_as_they_were_written(folder);
    remove_folder(folder);
    return TEST_END();
}
