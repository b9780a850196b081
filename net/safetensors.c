// Reading and writing safetensors files. The entries of a header are collected as they come and
// then sorted by name once. So equal names are neighbours, any name is found by a binary search,
// and the time to read a header is nearly linear in its length.
#include "net/safetensors.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// --- Writing.

static char *header_text(const struct safetensor *tensors, int num_tensors, const struct safetensors_text *texts,
                         int num_texts) {
    cJSON *root = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(root, "__metadata__");
    for (int i = 0; i < num_texts; i++) {
        // The text may come from a command line or a note and have any bytes, but JSON is UTF-8.
        char *value = memory_text(texts[i].value, "the texts of a net's file");
        cJSON_AddStringToObject(meta, texts[i].key, text_utf8(value));
        free(value);
    }
    size_t offset = 0;
    for (int i = 0; i < num_tensors; i++) {
        const struct safetensor *t = &tensors[i];
        cJSON *entry = cJSON_AddObjectToObject(root, t->name);
        cJSON_AddStringToObject(entry, "dtype", "F32");
        cJSON_AddItemToObject(entry, "shape", cJSON_CreateIntArray(t->dims, t->num_dims));
        const double offsets[2] = {(double)offset, (double)(offset + t->count * sizeof(float))};
        cJSON_AddItemToObject(entry, "data_offsets", cJSON_CreateDoubleArray(offsets, 2));
        offset += t->count * sizeof(float);
    }
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

enum status safetensors_write(const char *path, const struct safetensor *tensors, int num_tensors,
                              const struct safetensors_text *texts, int num_texts) {
    char *header = header_text(tensors, num_tensors, texts, num_texts);
    if (!header) return status_fail(STATUS_MEMORY, "%s: not enough memory for its header", path);
    // The data starts at a multiple of 8 bytes, and the format allows spaces.
    const size_t length = strlen(header), padded = (length + 7) / 8 * 8;
    size_t bytes = 8 + padded;
    for (int i = 0; i < num_tensors; i++) bytes += tensors[i].count * sizeof(float);
    unsigned char *all = malloc(bytes);
    if (!all) {
        free(header);
        return status_fail(STATUS_MEMORY, "%s: not enough memory to write %zu bytes", path, bytes);
    }
    for (int i = 0; i < 8; i++) all[i] = (unsigned char)((uint64_t)padded >> (8 * i));
    memset(all + 8, ' ', padded);
    memcpy(all + 8, header, length);
    unsigned char *next = all + 8 + padded;
    for (int i = 0; i < num_tensors; i++) {
        memcpy(next, tensors[i].data, tensors[i].count * sizeof(float));
        next += tensors[i].count * sizeof(float);
    }
    const enum status status = file_write(path, all, bytes);
    free(header);
    free(all);
    return status;
}

// --- Reading.

struct span {
    size_t from, to;
};

static bool whole_number(const cJSON *item, double high, size_t *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= high)) return false;
    *out = (size_t)item->valuedouble;
    return (double)*out == item->valuedouble;
}

static enum status read_tensor(const char *path, const cJSON *entry, size_t data_bytes, struct safetensor *t,
                               struct span *span) {
    const char *name = entry->string;
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype"),
                *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"),
                *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (strlen(name) >= sizeof t->name)
        return status_fail(STATUS_FORMAT, "%s: a tensor's name is too long: %.40s...", path, name);
    memcpy(t->name, name, strlen(name) + 1);
    if (!cJSON_IsString(dtype) || strcmp(dtype->valuestring, "F32"))
        return status_fail(STATUS_FORMAT, "%s: tensor %s has dtype %s, not F32", path, name,
                           cJSON_IsString(dtype) ? dtype->valuestring : "none");
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) < 1 || cJSON_GetArraySize(shape) > 4)
        return status_fail(STATUS_FORMAT, "%s: tensor %s has no shape of 1 to 4 dimensions", path, name);
    t->count = 1;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape) {
        size_t dim;
        if (!whole_number(item, 1 << 30, &dim) || dim == 0 || t->count > data_bytes / dim)
            return status_fail(STATUS_FORMAT, "%s: tensor %s has a shape that such a file has no room for (cut short?)", path,
                               name);
        t->dims[t->num_dims++] = (int)dim;
        t->count *= dim;
    }
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !whole_number(cJSON_GetArrayItem(offsets, 0), (double)data_bytes, &span->from) ||
        !whole_number(cJSON_GetArrayItem(offsets, 1), (double)data_bytes, &span->to) || span->from > span->to)
        return status_fail(STATUS_FORMAT, "%s: tensor %s lies outside the file (cut short?)", path, name);
    if (span->to - span->from != t->count * sizeof(float))
        return status_fail(STATUS_FORMAT, "%s: tensor %s has %zu bytes where its shape needs %zu", path, name,
                           span->to - span->from, t->count * sizeof(float));
    return STATUS_OK;
}

static int text_order(const void *a, const void *b) {
    const struct safetensors_text *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static int tensor_order(const void *a, const void *b) {
    const struct safetensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static enum status read_texts(struct safetensors *file, const cJSON *meta) {
    const cJSON *item;
    if (!cJSON_IsObject(meta)) return status_fail(STATUS_FORMAT, "%s: __metadata__ is not an object", file->path);
    file->texts = calloc((size_t)cJSON_GetArraySize(meta) + 1, sizeof *file->texts);
    if (!file->texts) return status_fail(STATUS_MEMORY, "%s: not enough memory for its header", file->path);
    cJSON_ArrayForEach(item, meta) {
        struct safetensors_text *text = &file->texts[file->num_texts];
        if (!cJSON_IsString(item) || strlen(item->string) >= sizeof text->key ||
            strlen(item->valuestring) >= sizeof text->value)
            return status_fail(STATUS_FORMAT, "%s: __metadata__ has an entry that is no short text: %.40s", file->path,
                               item->string);
        memcpy(text->key, item->string, strlen(item->string) + 1);
        memcpy(text->value, item->valuestring, strlen(item->valuestring) + 1);
        file->num_texts++;
    }
    qsort(file->texts, (size_t)file->num_texts, sizeof *file->texts, text_order);
    for (int i = 1; i < file->num_texts; i++)
        if (!strcmp(file->texts[i - 1].key, file->texts[i].key))
            return status_fail(STATUS_FORMAT, "%s: __metadata__ has %s twice", file->path, file->texts[i].key);
    return STATUS_OK;
}

static int by_start(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

// The spans have to cover [0, data_bytes) without gaps or overlaps.
static enum status check_tiling(const char *path, struct span *spans, int num, size_t data_bytes) {
    size_t end = 0;
    qsort(spans, (size_t)num, sizeof *spans, by_start);
    for (int i = 0; i < num; i++) {
        if (spans[i].from != end)
            return status_fail(STATUS_FORMAT, "%s: tensors %s at byte %zu of the data", path,
                               spans[i].from < end ? "overlap" : "leave a gap", end < spans[i].from ? end : spans[i].from);
        end = spans[i].to;
    }
    if (end != data_bytes) return status_fail(STATUS_FORMAT, "%s: %zu bytes follow the last tensor", path, data_bytes - end);
    return STATUS_OK;
}

static enum status read_header(struct safetensors *file, const cJSON *root, const char *data, size_t data_bytes) {
    if (!cJSON_IsObject(root)) return status_fail(STATUS_FORMAT, "%s: the header is no JSON object", file->path);
    const int num = cJSON_GetArraySize(root);
    struct span *spans = calloc((size_t)num + 1, sizeof *spans);
    file->tensors = calloc((size_t)num + 1, sizeof *file->tensors);
    enum status status = STATUS_OK;
    if (!spans || !file->tensors) {
        status = status_fail(STATUS_MEMORY, "%s: not enough memory for its header", file->path);
        goto out;
    }
    const cJSON *entry;
    cJSON_ArrayForEach(entry, root) {
        if (!strcmp(entry->string, "__metadata__")) {
            if (file->texts) status = status_fail(STATUS_FORMAT, "%s: __metadata__ is there twice", file->path);
            if (status || (status = read_texts(file, entry))) goto out;
            continue;
        }
        struct safetensor *t = &file->tensors[file->num_tensors];
        if ((status = read_tensor(file->path, entry, data_bytes, t, &spans[file->num_tensors]))) goto out;
        t->data = (data + spans[file->num_tensors].from);
        file->num_tensors++;
    }
    qsort(file->tensors, (size_t)file->num_tensors, sizeof *file->tensors, tensor_order);
    for (int i = 1; i < file->num_tensors; i++)
        if (!strcmp(file->tensors[i - 1].name, file->tensors[i].name)) {
            status = status_fail(STATUS_FORMAT, "%s: tensor %s is there twice", file->path, file->tensors[i].name);
            goto out;
        }
    status = check_tiling(file->path, spans, file->num_tensors, data_bytes);
out:
    free(spans);
    return status;
}

// A large file of another kind is refused before all of it is read.
static enum status check_begin(const char *path) {
    unsigned char begin[9];
    int file;
    TRY(file_open(path, &file, NULL));
    const ssize_t got = read(file, begin, sizeof begin);
    close(file);
    if (got == sizeof begin && begin[8] != '{') return status_fail(STATUS_FORMAT, "%s: not a safetensors file", path);
    return STATUS_OK;
}

enum status safetensors_read(struct safetensors *out, const char *path) {
    *out = (struct safetensors){.path = path};
    size_t bytes;
    TRY(check_begin(path));
    TRY(file_read(path, &out->bytes, &bytes));
    enum status status = STATUS_FORMAT;
    cJSON *root = NULL;
    uint64_t length = 0;
    if (bytes < 10) {
        status_fail(status, "%s: %zu bytes are too short for a net", path, bytes);
        goto out;
    }
    for (int i = 0; i < 8; i++) length |= (uint64_t)(unsigned char)out->bytes[i] << (8 * i);
    if (length < 2 || length > bytes - 8 || out->bytes[8] != '{') {
        status_fail(status, "%s: not a safetensors file, or cut short in its header", path);
        goto out;
    }
    root = cJSON_ParseWithLength(out->bytes + 8, (size_t)length);
    if (!root) {
        status_fail(status, "%s: the header is not JSON", path);
        goto out;
    }
    status = read_header(out, root, out->bytes + 8 + length, bytes - 8 - (size_t)length);
out:
    cJSON_Delete(root);
    if (status) safetensors_done(out);
    return status;
}

void safetensors_done(struct safetensors *file) {
    free(file->tensors);
    free(file->texts);
    free(file->bytes);
    *file = (struct safetensors){0};
}

static int key_of_text(const void *key, const void *text) { return strcmp(key, ((const struct safetensors_text *)text)->key); }

static int name_of_tensor(const void *name, const void *tensor) {
    return strcmp(name, ((const struct safetensor *)tensor)->name);
}

const char *safetensors_text(const struct safetensors *file, const char *key) {
    if (!file->num_texts) return NULL;
    const struct safetensors_text *text = bsearch(key, file->texts, (size_t)file->num_texts, sizeof *file->texts, key_of_text);
    return text ? text->value : NULL;
}

const struct safetensor *safetensors_find(const struct safetensors *file, const char *name) {
    return bsearch(name, file->tensors, (size_t)file->num_tensors, sizeof *file->tensors, name_of_tensor);
}

enum status safetensors_integer(const struct safetensors *file, const char *key, long long low, long long high,
                                long long *out) {
    const char *text = safetensors_text(file, key);
    if (!text) return status_fail(STATUS_FORMAT, "%s: no %s in __metadata__: not one of our files", file->path, key);
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno || end == text || *end || *out < low || *out > high)
        return status_fail(STATUS_FORMAT, "%s: %s in __metadata__ is '%.40s'", file->path, key, text);
    return STATUS_OK;
}
