// Laws: a saved net loads back to the bit; every kind of damage is refused with a line that names the file; no mutation of a
// file crashes the loader or gets past it unless the net it gives is the same.
#include "base/files.h"
#include "tests/net/support.h"

#include <fcntl.h>
#include <unistd.h>

static char path[64], stderr_path[64];

// Loads with stderr caught; true where it failed with `status` and its line names the file and holds `words`.
static bool refused(enum status status, const char *words) {
    struct net *net = NULL;
    char line[4096] = "";
    fflush(stderr);
    const int saved = dup(2), file = open(stderr_path, O_CREAT | O_TRUNC | O_RDWR, 0600);
    dup2(file, 2);
    const enum status got = net_load(&net, path);
    fflush(stderr);
    dup2(saved, 2);
    const ssize_t n = pread(file, line, sizeof line - 1, 0);
    close(saved);
    close(file);
    if (n > 0) line[n] = 0;
    if (got == STATUS_OK) net_free(net);
    const bool good =
        got == status && net == NULL && strstr(line, path) && strstr(line, words) && strchr(line, '\n') == line + n - 1;
    if (!good) fprintf(stderr, "status %d, expected %d with '%s'; said: %s\n", got, status, words, line);
    return good;
}

static void replace(const char *bytes, size_t num, const char *from, const char *to) { // same length, first occurrence
    char *copy = malloc(num);
    memcpy(copy, bytes, num);
    char *at = memmem(copy, num, from, strlen(from));
    EXPECT_(at != NULL, "no '%s' in the file", from);
    EXPECT_INT(strlen(from), strlen(to));
    if (at) memcpy(at, to, strlen(to));
    EXPECT_INT(file_write(path, copy, num), STATUS_OK);
    free(copy);
}

static struct net *sample_net(void) {
    struct net_config config = small_config();
    struct net *net = lively_net(&config, 51);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.min_size = 5, net->meta.max_size = 9;
    net->meta.step = 123456789012, net->meta.games = 77, net->meta.samples = 88;
    net->meta.seed = 18446744073709551615u;
    snprintf(net->meta.parent, sizeof net->meta.parent, "%064d", 7);
    snprintf(net->meta.note, sizeof net->meta.note, "line \"one\"\nand two \\ end");
    return net;
}

static void round_trip(struct net *net) {
    struct net *back;
    char digest[65];
    EXPECT_INT(net_save(net, path), STATUS_OK);
    EXPECT_INT(net_load(&back, path), STATUS_OK);
    EXPECT_INT(net->num_tensors, back->num_tensors); // the digest below covers the whole config
    EXPECT(!memcmp(net->weights, back->weights, net->num_weights * sizeof(float)));
    EXPECT_TEXT(back->meta.game, "go");
    EXPECT_INT(back->meta.min_size, 5);
    EXPECT_INT(back->meta.max_size, 9);
    EXPECT_INT(back->meta.step, 123456789012);
    EXPECT_INT(back->meta.games, 77);
    EXPECT_INT(back->meta.samples, 88);
    EXPECT(back->meta.seed == net->meta.seed);
    EXPECT_TEXT(back->meta.parent, net->meta.parent);
    EXPECT_TEXT(back->meta.note, net->meta.note);
    EXPECT_TEXT(back->meta.digest, net->meta.digest);
    EXPECT_INT(strlen(back->meta.digest), 64);
    net_digest(back, digest);
    EXPECT_TEXT(digest, net->meta.digest);
    back->weights[3] += 1e-6f;
    net_digest(back, digest);
    EXPECT(strcmp(digest, net->meta.digest));
    net_free(back);
}

static void damage(const char *bytes, size_t num) {
    size_t header = 0;
    for (int i = 7; i >= 0; i--) header = header << 8 | (unsigned char)bytes[i];
    const size_t cuts[] = {0, 5, 9, 8 + header / 2, 8 + header, num / 2, num - 4, num - 1};
    for (int i = 0; i < 8; i++) {
        EXPECT_INT(file_write(path, bytes, cuts[i]), STATUS_OK);
        EXPECT(refused(STATUS_FORMAT, ""));
    }
    char *longer = calloc(num + 4, 1);
    memcpy(longer, bytes, num);
    EXPECT_INT(file_write(path, longer, num + 4), STATUS_OK);
    EXPECT(refused(STATUS_FORMAT, "follow the last tensor"));
    memcpy(longer, bytes, num);
    longer[num - 10] ^= 4;
    EXPECT_INT(file_write(path, longer, num), STATUS_OK);
    EXPECT(refused(STATUS_FORMAT, "altered"));
    memset(longer, 0xff, 8); // a header of 2^64 - 1 bytes
    EXPECT_INT(file_write(path, longer, num), STATUS_OK);
    EXPECT(refused(STATUS_FORMAT, "not a safetensors file"));
    free(longer);
    replace(bytes, num, "tengen net 1", "tengen net 9");
    EXPECT(refused(STATUS_FORMAT, "tengen net 9"));
    replace(bytes, num, "\"F32\"", "\"F16\"");
    EXPECT(refused(STATUS_FORMAT, "F16"));
    replace(bytes, num, "value.out.bias", "value.out.bits");
    EXPECT(refused(STATUS_FORMAT, "value.out.bias is missing"));
    replace(bytes, num, "\"shape\":[3,3,5,8]", "\"shape\":[3,3,8,5]");
    EXPECT(refused(STATUS_FORMAT, "another shape"));
    replace(bytes, num, "\"data_offsets\":[0,", "\"data_offsets\":[4,");
    EXPECT(refused(STATUS_FORMAT, "bytes where its shape needs"));
    replace(bytes, num, "\"blocks\":\"3\"", "\"blocks\":\"2\"");
    EXPECT(refused(STATUS_FORMAT, "tensors where"));
    replace(bytes, num, "\"blocks\":\"3\"", "\"blocks\":\"x\"");
    EXPECT(refused(STATUS_FORMAT, "blocks"));
    replace(bytes, num, "\"step\":\"1", "\"stop\":\"1");
    EXPECT(refused(STATUS_FORMAT, "step"));
    EXPECT_INT(file_write(path, "hello, this is no net at all", 28), STATUS_OK);
    EXPECT(refused(STATUS_FORMAT, "not a safetensors file"));
    unlink(path);
    EXPECT(refused(STATUS_IO, ""));
}

// Two tensors that claim the same bytes, and a hole.
static void overlap(void) {
    static const char *const headers[2] = {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":"
                                           "\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                                           "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":"
                                           "\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}"};
    for (int i = 0; i < 2; i++) {
        char file[256] = {0};
        const size_t length = strlen(headers[i]);
        file[0] = (char)length;
        memcpy(file + 8, headers[i], length);
        EXPECT_INT(file_write(path, file, 8 + length + 12), STATUS_OK);
        EXPECT(refused(STATUS_FORMAT, i ? "gap" : "overlap"));
    }
}

static void fuzz(const struct net *net, const char *bytes, size_t num, int rounds) {
    struct rng rng;
    char *copy = malloc(num);
    rng_init(&rng, 52, 0);
    fflush(stderr);
    const int saved = dup(2), null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    int passed = 0, different = 0;
    for (int i = 0; i < rounds; i++) {
        size_t length = num;
        memcpy(copy, bytes, num);
        const uint32_t area = i % 3 ? 2000 : (uint32_t)num; // mostly the header
        for (uint32_t k = 0, edits = 1 + rng_below(&rng, 4); k < edits; k++)
            copy[rng_below(&rng, area < num ? area : (uint32_t)num)] = (char)rng_u64(&rng);
        if (i % 7 == 0) length = rng_below(&rng, (uint32_t)num);
        struct net *back = NULL;
        if (file_write(path, copy, length) || net_load(&back, path)) continue;
        passed++;
        different += memcmp(back->weights, net->weights, net->num_weights * sizeof(float)) != 0;
        net_free(back);
    }
    dup2(saved, 2);
    close(saved);
    close(null);
    EXPECT_INT(different, 0);
    EXPECT_(passed < rounds / 2, "%d of %d mutants passed", passed, rounds);
    free(copy);
}

int main(void) {
    snprintf(path, sizeof path, "/tmp/tengen-net-%d.safetensors", (int)getpid());
    snprintf(stderr_path, sizeof stderr_path, "/tmp/tengen-net-%d.log", (int)getpid());
    struct net *net = sample_net();
    char *bytes;
    size_t num;
    round_trip(net);
    EXPECT_INT(file_read(path, &bytes, &num), STATUS_OK);
    damage(bytes, num);
    overlap();
    fuzz(net, bytes, num, 600);
    struct game game;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 7, .width = 7, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    EXPECT_INT(net_check_game(net, &game, path), STATUS_UNSUPPORTED); // five planes are not Go's
    unlink(path);
    unlink(stderr_path);
    free(bytes);
    net_free(net);
    return TEST_END();
}
