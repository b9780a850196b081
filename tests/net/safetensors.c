// Laws: a saved net loads back to the bit; every kind of damage is refused with a line that names
// the file; no mutation of a file crashes the loader or gets past it unless the net it gives is the
// same; weights that no training makes are neither saved nor loaded; a header is read in time that
// hardly grows faster than it; parameters are what the file holds.
#include "net/safetensors.h"
#include "base/files.h"
#include "tests/net/support.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static char path[64], stderr_path[64];

// Loads, or saves `given`, with stderr caught. Returns whether it failed with `status` and a line
// that names the file and has `words` in it.
static bool failed(struct net *given, enum status status, const char *words) {
    struct net *net = NULL;
    char line[4096] = "";
    fflush(stderr);
    const int saved = dup(2), file = open(stderr_path, O_CREAT | O_TRUNC | O_RDWR, 0600);
    dup2(file, 2);
    const enum status got = given ? net_save(given, path) : net_load(&net, path);
    fflush(stderr);
    dup2(saved, 2);
    const ssize_t n = pread(file, line, sizeof line - 1, 0);
    close(saved);
    close(file);
    if (n > 0) line[n] = 0;
    net_free(net);
    const bool good = got == status && strstr(line, path) && strstr(line, words) && strchr(line, '\n') == line + n - 1;
    if (!good) fprintf(stderr, "status %d, expected %d with '%s'; said: %s\n", got, status, words, line);
    return good;
}
static bool refused(enum status status, const char *words) { return failed(NULL, status, words); }

// The texts have the same length, and the first occurrence is replaced.
static void replace(const char *bytes, size_t num, const char *from, const char *to) {
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
    replace(bytes, num, "\"residual 3x8\"", "\"attention3x8\"");
    EXPECT(refused(STATUS_FORMAT, "its architecture is 'attention3x8', which"));
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

// Writes a file of `net` with `value` in the place of a weight and with the digest that belongs to
// it. It is made from the file of the unchanged net.
static void write_weight(struct net *net, const char *bytes, size_t num, const struct net_tensor *t, float value) {
    size_t data = 8;
    char *copy = malloc(num), digest[65];
    for (int i = 7; i >= 0; i--) data += (size_t)(unsigned char)bytes[i] << (8 * i);
    for (const struct net_tensor *before = net->tensors; before < t; before++) data += before->count * sizeof(float);
    memcpy(copy, bytes, num);
    memcpy(copy + data + sizeof(float), &value, sizeof value);
    net->weights[t->offset + 1] = value;
    net_digest(net, digest);
    char *at = memmem(copy, num, net->meta.digest, 64);
    EXPECT(at);
    if (at) memcpy(at, digest, 64);
    EXPECT_INT(file_write(path, copy, num), STATUS_OK);
    free(copy);
}

static void weights_that_no_training_makes_are_refused(struct net *net, const char *bytes, size_t num) {
    static const char *const names[] = {"trunk.stem.conv.weight", "trunk.block2.conv1.bias", "value.out.bias"};
    static const float bad[] = {NAN, -NAN, INFINITY, -INFINITY, 3e38f, -1e30f, 1000.01f}, fine[] = {1000, -1000, 1e-40f, -0.0f};
    for (int i = 0; i < 3; i++) {
        const struct net_tensor *t = net_find(net, names[i]);
        char words[96];
        struct net *back;
        snprintf(words, sizeof words, "tensor %s holds", names[i]);
        const float kept = net->weights[t->offset + 1];
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
            write_weight(net, bytes, num, t, bad[k]);
            EXPECT(refused(STATUS_FORMAT, words));
            EXPECT(failed(net, STATUS_FORMAT, words));
        }
        for (size_t k = 0; k < sizeof fine / sizeof fine[0]; k++) {
            write_weight(net, bytes, num, t, fine[k]);
            EXPECT_INT(net_load(&back, path), STATUS_OK);
            EXPECT(!memcmp(&back->weights[t->offset + 1], &fine[k], sizeof fine[k]));
            net_free(back);
        }
        net->weights[t->offset + 1] = kept;
    }
}

// The size of the data in a file, counted without the loader.
static long long file_parameters(void) {
    char *bytes;
    size_t num, header = 0;
    EXPECT_INT(file_read(path, &bytes, &num), STATUS_OK);
    for (int i = 7; i >= 0; i--) header = header << 8 | (unsigned char)bytes[i];
    free(bytes);
    return (long long)((num - 8 - header) / sizeof(float));
}

static void parameters_are_what_the_file_holds(void) {
    struct game game;
    struct net *back;
    EXPECT_INT(game_open(&game, "go", NULL), STATUS_OK);
    for (int old = 0; old < 2;
         // today's Go net, and one of a time when Go had fewer inputs, which is loaded with zeros
         // for the rest
         old++) {
        // Odd sizes, so that there is a gap behind every tensor.
        struct net_config config = net_config_for(&game, 2, 9);
        if (old) config.num_planes = game.num_first_planes, config.num_globals = game.num_first_globals;
        struct net *net = lively_net(&config, 53);
        snprintf(net->meta.game, sizeof net->meta.game, "go");
        EXPECT_INT(net_save(net, path), STATUS_OK);
        EXPECT_INT(net->meta.parameters, file_parameters());
        EXPECT_INT(net_load(&back, path), STATUS_OK);
        EXPECT_INT(back->meta.parameters, file_parameters());
        EXPECT_INT(net_parameters(net), file_parameters());
        EXPECT(net_parameters(net) < (long long)net->num_weights);
        EXPECT_(old ? net_parameters(back) > back->meta.parameters : net_parameters(back) == back->meta.parameters,
                "%lld parameters in memory, %lld in the file", net_parameters(back), back->meta.parameters);
        net_free(back);
        net_free(net);
    }
}

// A header with `num` entries of metadata, or as many tensors of one float. The last one is there
// twice where `twice` is set.
static void write_header(bool tensors, int num, bool twice) {
    const size_t room = (size_t)num * 80 + 64, data = tensors ? (size_t)num * sizeof(float) : 0;
    char *file = calloc(room + data, 1), *at = file + 8;
    at += sprintf(at, tensors ? "{" : "{\"__metadata__\":{");
    for (int i = 0; i < num; i++) {
        const int name = twice && i == num - 1 ? 0 : i * 7919 % num; // scattered: 7919 is prime
        if (tensors)
            at += sprintf(at, "%s\"t%d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}", i ? "," : "", name, 4 * i,
                          4 * i + 4);
        else
            at += sprintf(at, "%s\"k%d\":\"\"", i ? "," : "", name);
    }
    at += sprintf(at, tensors ? "}" : "}}");
    const size_t length = (size_t)(at - file) - 8;
    for (int i = 0; i < 8; i++) file[i] = (char)(length >> (8 * i));
    EXPECT_INT(file_write(path, file, 8 + length + data), STATUS_OK);
    free(file);
}

// So many entries would take a minute and a half if each were compared with all before it. They
// take a second at most, also with sanitizers.
static void a_long_header_is_read_in_no_time(void) {
    for (int tensors = 0; tensors < 2; tensors++) {
        const int num = 120000;
        struct safetensors file;
        write_header(tensors, num, false);
        const clock_t start = clock();
        EXPECT_INT(safetensors_read(&file, path), STATUS_OK);
        const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        EXPECT_(seconds < 5, "%d %s took %.1f s", num, tensors ? "tensors" : "texts", seconds);
        EXPECT_INT(tensors ? file.num_tensors : file.num_texts, num);
        char name[16];
        for (int i = 0; i < num; i += 997) {
            snprintf(name, sizeof name, "%c%d", tensors ? 't' : 'k', i);
            EXPECT_(tensors ? safetensors_find(&file, name) != NULL : safetensors_text(&file, name) != NULL, "no %s", name);
        }
        EXPECT(!safetensors_find(&file, "t-1") && !safetensors_text(&file, "k-1"));
        safetensors_done(&file);
        write_header(tensors, 1000, true);
        EXPECT(refused(STATUS_FORMAT, "twice"));
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
    weights_that_no_training_makes_are_refused(net, bytes, num);
    parameters_are_what_the_file_holds();
    a_long_header_is_read_in_no_time();
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
