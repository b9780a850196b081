// From a convolution and its epilogue to a cuDNN execution plan.
//
//      x ----.                residual      bias        mask
//             conv --- t1 ---- add --- t2 -- add -- t3 - relu - t4 - mul --- y
//   filter --'
//
// t1 to t4 are fp32 and never in memory. cuDNN's heuristics name engines for the whole graph, best
// first; each one that keeps our promises is finalized (which may compile it) until enough of them
// have succeeded.
//
// Invariants
// 1. All arithmetic between reading and writing memory is fp32. Engines whose numerical notes say
//    otherwise are passed over: sums in half precision, Winograd on halves, and tensor cores on F32
//    images, which would round them to TF32.
// 2. Engines whose sums have no fixed order are taken only where no other exists.
// 3. The residual is added before the bias: cuDNN's ready-made kernels of convolution, bias and
//    activation know only this order.
// 4. Whatever a function here makes, it frees on every path. A graph is freed as soon as its plans
//    are made.
#include "kernels/conv_graph.h"

#include <cudnn_graph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef cudnnBackendDescriptor_t descriptor;

enum {
    // One graph has at most 6 tensors, 4 virtual ones, a convolution, 4 x 2 descriptors of
    // pointwise operations and 5 operations.
    MAX_PARTS = 32,
    MAX_CONFIGS = 64, // engine configurations looked at; the heuristics name about 10 to 30
};

struct graph {
    descriptor parts[MAX_PARTS];
    int num_parts;
    descriptor operations[5];
    int num_operations;
    int64_t next_virtual; // the next unique id of a tensor without memory
    cudnnStatus_t status; // the first status that was no success
    const char *failed;   // where
};

int conv_library_version(void) { return (int)cudnnGetVersion(); }
const char *conv_status_text(int status) { return cudnnGetErrorString((cudnnStatus_t)status); }

static void explain(char why[DEVICE_TEXT], const char *what, cudnnStatus_t status) {
    char detail[DEVICE_TEXT] = "";
    cudnnGetLastErrorString(detail, sizeof(detail));
    detail[strcspn(detail, "\n")] = 0;
    snprintf(why, DEVICE_TEXT, "cuDNN: %s: %s%s%.70s", what, cudnnGetErrorString(status), *detail ? ": " : "", detail);
}

// --- Building. The first failure is kept and later calls then do nothing, so that the code that
// builds a graph needs no checks in between.

static void note(struct graph *g, cudnnStatus_t status, const char *what) {
    if (g->status != CUDNN_STATUS_SUCCESS || status == CUDNN_STATUS_SUCCESS) return;
    g->status = status;
    g->failed = what;
}

static descriptor part_new(struct graph *g, cudnnBackendDescriptorType_t type, const char *what) {
    descriptor d = NULL;
    if (g->status != CUDNN_STATUS_SUCCESS) return NULL;
    if (g->num_parts == MAX_PARTS) {
        note(g, CUDNN_STATUS_INTERNAL_ERROR, "too many parts");
        return NULL;
    }
    note(g, cudnnBackendCreateDescriptor(type, &d), what);
    if (d) g->parts[g->num_parts++] = d;
    return d;
}

static void set(struct graph *g, descriptor d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                int64_t count, const void *values, const char *what) {
    if (g->status == CUDNN_STATUS_SUCCESS) note(g, cudnnBackendSetAttribute(d, name, type, count, values), what);
}

static void set_part(struct graph *g, descriptor d, cudnnBackendAttributeName_t name, descriptor part, const char *what) {
    set(g, d, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &part, what);
}

static void finish(struct graph *g, descriptor d, const char *what) {
    if (g->status == CUDNN_STATUS_SUCCESS) note(g, cudnnBackendFinalize(d), what);
}

static void graph_done(struct graph *g) {
    while (g->num_parts) cudnnBackendDestroyDescriptor(g->parts[--g->num_parts]);
}

static cudnnDataType_t data_type(enum element e) {
    return e == ELEMENT_F32 ? CUDNN_DATA_FLOAT : e == ELEMENT_F16 ? CUDNN_DATA_HALF : CUDNN_DATA_BFLOAT16;
}

// A tensor of sizes [a, c, h, w] with channels innermost. Id 0 stands for a virtual tensor.
static descriptor tensor(struct graph *g, int64_t id, cudnnDataType_t type, const int64_t sizes[4], int64_t alignment) {
    const descriptor d = part_new(g, CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor");
    const int64_t strides[4] = {sizes[1] * sizes[2] * sizes[3], 1, sizes[3] * sizes[1], sizes[1]};
    const bool is_virtual = !id;
    if (is_virtual) id = g->next_virtual++;
    set(g, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type, "tensor type");
    set(g, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, sizes, "tensor sizes");
    set(g, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides, "tensor strides");
    set(g, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id, "tensor id");
    set(g, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment, "tensor alignment");
    set(g, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual, "tensor virtual");
    finish(g, d, "tensor");
    return d;
}

static descriptor convolution(struct graph *g) {
    const descriptor d = part_new(g, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "convolution");
    const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t dims = 2, ones[2] = {1, 1};
    set(g, d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &compute, "convolution type");
    set(g, d, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode, "convolution mode");
    set(g, d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &dims, "convolution dims");
    set(g, d, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, ones, "dilations");
    set(g, d, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, ones, "filter strides");
    set(g, d, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, ones, "paddings");
    set(g, d, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, ones, "paddings");
    finish(g, d, "convolution");
    return d;
}

static void pointwise(struct graph *g, cudnnPointwiseMode_t mode, descriptor x, descriptor b, descriptor y) {
    const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    const descriptor what = part_new(g, CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "pointwise");
    set(g, what, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode, "pointwise mode");
    set(g, what, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &compute, "pointwise type");
    finish(g, what, "pointwise");
    const descriptor d = part_new(g, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "pointwise operation");
    set_part(g, d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, what, "pointwise operation");
    set_part(g, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x, "pointwise x");
    if (b) set_part(g, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b, "pointwise b");
    set_part(g, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y, "pointwise y");
    finish(g, d, "pointwise operation");
    g->operations[g->num_operations++] = d;
}

// The attributes of the three kinds of convolution differ in name only.
static void convolve(struct graph *g, enum conv_direction direction, descriptor x, descriptor filter, descriptor y) {
    static const struct {
        cudnnBackendDescriptorType_t type;
        cudnnBackendAttributeName_t alpha, beta, conv, x, filter, y;
    } names[] = {
        [CONV_FORWARD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y},
        [CONV_BACKWARD_DATA] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
                                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY},
        [CONV_BACKWARD_FILTER] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY},
    };
    const float alpha = 1, beta = 0;
    const descriptor conv = convolution(g);
    const descriptor d = part_new(g, names[direction].type, "convolution operation");
    set_part(g, d, names[direction].conv, conv, "convolution operation");
    set_part(g, d, names[direction].x, x, "convolution x");
    set_part(g, d, names[direction].filter, filter, "convolution filter");
    set_part(g, d, names[direction].y, y, "convolution y");
    set(g, d, names[direction].alpha, CUDNN_TYPE_FLOAT, 1, &alpha, "alpha");
    set(g, d, names[direction].beta, CUDNN_TYPE_FLOAT, 1, &beta, "beta");
    finish(g, d, "convolution operation");
    g->operations[g->num_operations++] = d;
}

static descriptor operations(struct graph *g, const struct conv_site *site) {
    const descriptor d = part_new(g, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "graph");
    set(g, d, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, g->num_operations, g->operations,
        "graph operations");
    if (site->handle) set(g, d, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &site->handle, "graph handle");
    finish(g, d, "graph");
    return d;
}

static descriptor graph_new(struct graph *g, const struct conv_site *site, const struct conv_key *key) {
    const struct conv_shape *s = &key->shape;
    const cudnnDataType_t image = data_type(s->element), f32 = CUDNN_DATA_FLOAT;
    const cudnnDataType_t filter_type = key->direction == CONV_BACKWARD_FILTER && key->filter_f32 ? f32 : image;
    const int64_t x_sizes[4] = {s->n, padded(s->in), s->h, s->w}, y_sizes[4] = {s->n, padded(s->out), s->h, s->w};
    const int64_t filter_sizes[4] = {padded(s->out), padded(s->in), 3, 3};
    const int64_t bias_sizes[4] = {1, padded(s->out), 1, 1}, mask_sizes[4] = {s->n, 1, s->h, s->w};
    *g = (struct graph){.next_virtual = 100};
    const descriptor x = tensor(g, CONV_X, image, x_sizes, CONV_ALIGNMENT);
    const descriptor filter = tensor(g, CONV_FILTER, filter_type, filter_sizes, CONV_ALIGNMENT);
    const descriptor y = tensor(g, CONV_Y, image, y_sizes, CONV_ALIGNMENT);

    if (key->direction == CONV_BACKWARD_FILTER && filter_type != image) {
        const descriptor sums = tensor(g, 0, f32, filter_sizes, CONV_ALIGNMENT);
        convolve(g, key->direction, x, sums, y);
        pointwise(g, CUDNN_POINTWISE_IDENTITY, sums, NULL, filter);
        return operations(g, site);
    }
    // How many pointwise operations follow; the last one writes y.
    int left = key->residual + key->bias + key->relu + key->mask;
    descriptor last = left ? tensor(g, 0, f32, y_sizes, CONV_ALIGNMENT) : y;
    convolve(g, key->direction, x, filter, last);
    const struct {
        bool wanted;
        cudnnPointwiseMode_t mode;
        int64_t id; // the other operand's id; 0 where there is none
        cudnnDataType_t type;
        const int64_t *sizes;
        int64_t alignment;
    } epilogue[] = {
        {key->residual, CUDNN_POINTWISE_ADD, CONV_RESIDUAL, image, y_sizes, CONV_ALIGNMENT},
        {key->bias, CUDNN_POINTWISE_ADD, CONV_BIAS, f32, bias_sizes, CONV_ALIGNMENT},
        {key->relu, CUDNN_POINTWISE_RELU_FWD, 0, f32, NULL, 0},
        {key->mask, CUDNN_POINTWISE_MUL, CONV_MASK, f32, mask_sizes, CONV_MASK_ALIGNMENT},
    };
    for (int i = 0; i < 4; i++) {
        if (!epilogue[i].wanted) continue;
        const descriptor next = --left ? tensor(g, 0, f32, y_sizes, CONV_ALIGNMENT) : y;
        const descriptor other =
            epilogue[i].id ? tensor(g, epilogue[i].id, epilogue[i].type, epilogue[i].sizes, epilogue[i].alignment) : NULL;
        pointwise(g, epilogue[i].mode, last, other, next);
        last = next;
    }
    return operations(g, site);
}

// --- Choosing

// 0: the engine keeps the promises; 1: it keeps them, but its sums have no fixed order; 2: it
// breaks them.
static int objection(descriptor config, enum element element, struct conv_plan *facts) {
    descriptor engine = NULL;
    if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) != CUDNN_STATUS_SUCCESS) return 2;
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    int64_t num = 0, num_engines = 0;
    cudnnStatus_t status =
        cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &num_engines, &engine);
    if (status == CUDNN_STATUS_SUCCESS) {
        status = cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                          CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &num, notes);
        int64_t one = 0;
        cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &one, &facts->engine);
        cudnnBackendBehaviorNote_t behaviors[CUDNN_BEHAVIOR_NOTE_TYPE_COUNT];
        int64_t num_behaviors = 0;
        if (cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
                                     CUDNN_BEHAVIOR_NOTE_TYPE_COUNT, &num_behaviors, behaviors) != CUDNN_STATUS_SUCCESS)
            num_behaviors = 0;
        for (int64_t i = 0; i < num_behaviors && i < CUDNN_BEHAVIOR_NOTE_TYPE_COUNT; i++)
            facts->compiled |= behaviors[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
    }
    cudnnBackendDestroyDescriptor(engine);
    if (status != CUDNN_STATUS_SUCCESS) return 2;
    int worst = 0;
    for (int64_t i = 0; i < num && i < CUDNN_NUMERICAL_NOTE_TYPE_COUNT; i++) {
        switch (notes[i]) {
        case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
        case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
            if (element == ELEMENT_F32) return 2;
            break;
        case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
        case CUDNN_NUMERICAL_NOTE_FFT:
        case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:
        case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
            return 2;
        case CUDNN_NUMERICAL_NOTE_WINOGRAD:
        case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4:
            if (element != ELEMENT_F32) return 2; // Its transforms in half precision lose bits.
            break;
        case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
            worst = 1;
            break;
        default:
            break;
        }
    }
    return worst;
}

// Asks the heuristics in one mode for engine configurations, which go to the caller's descriptors.
// Returns how many there are, and 0 on any failure.
static int configurations(const struct conv_site *site, descriptor graph, cudnnBackendHeurMode_t mode, descriptor *configs,
                          int max) {
    descriptor heuristics = NULL;
    int64_t num = 0;
    int made = 0;
    cudnnStatus_t status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, &heuristics);
    if (status != CUDNN_STATUS_SUCCESS) return 0;
    status =
        cudnnBackendSetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBackendSetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
#if CUDNN_VERSION >= 90800
    if (status == CUDNN_STATUS_SUCCESS && site->card)
        status = cudnnBackendSetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                          &site->card);
#endif
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendFinalize(heuristics);
    while (status == CUDNN_STATUS_SUCCESS && made < max &&
           cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &configs[made]) == CUDNN_STATUS_SUCCESS)
        made++;
    if (made)
        status = cudnnBackendGetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, made, &num,
                                          configs);
    if (status != CUDNN_STATUS_SUCCESS) num = 0;
    if (num > made) num = made;
    while (made > num) cudnnBackendDestroyDescriptor(configs[--made]);
    cudnnBackendDestroyDescriptor(heuristics);
    return (int)num;
}

static cudnnStatus_t plan_new(const struct conv_site *site, descriptor config, struct conv_plan *out) {
    descriptor plan = NULL;
    int64_t workspace = 0, one = 0;
    cudnnStatus_t status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan);
    if (status != CUDNN_STATUS_SUCCESS) return status;
    if (site->handle)
        status = cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &site->handle);
#if CUDNN_VERSION >= 90800
    if (status == CUDNN_STATUS_SUCCESS && site->card)
        status =
            cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &site->card);
#endif
    if (status == CUDNN_STATUS_SUCCESS)
        status =
            cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &config);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendFinalize(plan);
    if (status == CUDNN_STATUS_SUCCESS)
        status =
            cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &one, &workspace);
    if (status != CUDNN_STATUS_SUCCESS) {
        cudnnBackendDestroyDescriptor(plan);
        return status;
    }
    out->plan = plan;
    out->workspace_bytes = (size_t)workspace;
    return CUDNN_STATUS_SUCCESS;
}

int conv_find_plans(const struct conv_site *site, const struct conv_key *key, size_t workspace_limit, int max, int max_compiled,
                    struct conv_plan *plans, char why[DEVICE_TEXT]) {
    struct graph graph;
    const descriptor whole = graph_new(&graph, site, key);
    int found = 0, num = 0, refused = 0;
    descriptor configs[MAX_CONFIGS];
    cudnnStatus_t status = graph.status;
    if (status != CUDNN_STATUS_SUCCESS) {
        explain(why, graph.failed, status);
        graph_done(&graph);
        return 0;
    }
    num = configurations(site, whole, CUDNN_HEUR_MODE_A, configs, MAX_CONFIGS / 2);
    num += configurations(site, whole, CUDNN_HEUR_MODE_FALLBACK, configs + num, MAX_CONFIGS - num);
    for (int tolerated = 0; tolerated <= 1 && !found; tolerated++) {
        for (int i = 0, compiled = 0; i < num && found < max; i++) {
            struct conv_plan plan = {.engine = -1};
            if (objection(configs[i], key->shape.element, &plan) != tolerated) {
                refused += !tolerated;
                continue;
            }
            if (plan.compiled && compiled == max_compiled) continue;
            status = plan_new(site, configs[i], &plan);
            if (status != CUDNN_STATUS_SUCCESS) continue;
            if (plan.workspace_bytes > workspace_limit) {
                conv_plan_free(&plan);
                continue;
            }
            compiled += plan.compiled;
            plans[found++] = plan;
        }
    }
    if (!found && status != CUDNN_STATUS_SUCCESS)
        explain(why, "no engine for this convolution", status);
    else if (!found)
        snprintf(why, DEVICE_TEXT, "cuDNN: %d engines for this convolution, %d of them too inexact, the others too large", num,
                 refused);
    for (int i = 0; i < num; i++) cudnnBackendDestroyDescriptor(configs[i]);
    graph_done(&graph);
    return found;
}

void conv_plan_free(struct conv_plan *plan) {
    if (plan->plan) cudnnBackendDestroyDescriptor(plan->plan);
    plan->plan = NULL;
}

int conv_plan_run(void *handle, const struct conv_plan *plan, int num, const int64_t *tensors, void *const *addresses,
                  void *workspace) {
    descriptor pack = NULL;
    cudnnStatus_t status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
    if (status != CUDNN_STATUS_SUCCESS) return (int)status;
    status = cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, num, tensors);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, num, addresses);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendFinalize(pack);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendExecute((cudnnHandle_t)handle, plan->plan, pack);
    cudnnBackendDestroyDescriptor(pack);
    return (int)status;
}

// --- Described cards

void *conv_card_new(const char *json, char why[DEVICE_TEXT]) {
#if CUDNN_VERSION >= 90800
    descriptor card = NULL;
    cudnnStatus_t status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &card);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBackendSetAttribute(card, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                          (int64_t)strlen(json), json);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendFinalize(card);
    if (status == CUDNN_STATUS_SUCCESS) return card;
    explain(why, "card description", status);
    if (card) cudnnBackendDestroyDescriptor(card);
#else
    snprintf(why, DEVICE_TEXT, "cuDNN before 9.8 can't plan for a card that is not there");
#endif
    return NULL;
}

void conv_card_free(void *card) {
    if (card) cudnnBackendDestroyDescriptor(card);
}
