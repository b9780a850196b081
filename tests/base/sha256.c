// SHA-256: the example messages of FIPS 180-4 and NIST CAVP, and every length around a block.
#include "base/files.h"

#include "tests/test.h"

static void expect_digest(const char *message, size_t n, const char *digest) {
    char out[65];
    sha256_hex(message, n, out);
    EXPECT_TEXT(out, digest);
}

int main(void) {
    expect_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    expect_digest(two, strlen(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const char *four =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    expect_digest(four, strlen(four), "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    char *million = malloc(1000000);
    if (!million) return 1;
    memset(million, 'a', 1000000);
    expect_digest(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
    // For the padding: the digests of n letters "a" for n = 0 to 130 are all different, and the
    // digest of all of them is the one that another program gives.
    char letters[131], all[131 * 64 + 1];
    memset(letters, 'a', sizeof letters);
    for (size_t n = 0; n < 131; n++) sha256_hex(letters, n, all + 64 * n);
    expect_digest(all, 131 * 64, "5eee4c50e1b5ec4f1a47f34c25ca988850b49da7904f5ab1b3abc5cc0ae66ef9");
    return TEST_END();
}
