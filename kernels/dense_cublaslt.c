// dense.h on a card: one cuBLASLt plan a (product, alignment), found at first use and kept.
//
// cuBLASLt stores columns, we store rows: our row-major [m, n] is its column-major [n, m]. So D = A B is asked for as
// D' = B' A', with our b as its first operand and our a as its second:
//
//   ours        d[m, n]   =  op(a)[m, k]  op(b)[k, n]         row-major, strides are row lengths
//   cuBLASLt's  D'[n, m]  =  op(B')[n, k] op(A')[k, m]        column-major, leading dimensions are the same numbers
//
// A matrix that we store transposed is one that it must transpose, too. Its bias runs along the rows of D', n of them: our bias[n].
//
// Invariants
// 1. Sums are fp32 in the units' order of each plan; splits along k are added in fp32, never in the output's type.
//    F32 inputs are never rounded to TF32 (that would be another compute type).
// 2. cuBLASLt's epilogue is alpha A B + beta C, + bias, relu: the order of dense.h.
// 3. Where no plan takes the epilogue (an fp32 bias to a half output is in no table of NVIDIA's), the product runs bare and
//    bias_relu_mask adds the epilogue, to rows of odd fp32 lengths by way of scratch. A half product is then rounded before the
//    bias is added.
// 4. A plan knows how its bias is aligned: the heuristics read that off the pointer in the description, and a kernel that loads
//    16 bytes of a bias at once fails on one that is aligned to 4.
#include "kernels/dense.h"
#include "kernels/pointwise.h"

#include <cublasLt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t WORKSPACE_BYTES = (size_t)32 << 20; // what NVIDIA recommends for Hopper, enough for the others

struct plan { // of one product with or without its epilogue
    struct dense_product product;
    unsigned alignment[4]; // bytes, of a, b, d, bias: powers of two up to 256
    bool bias, fused;      // whether a bias was asked for; whether epilogue and bias are the library's
    bool usable;
    cublasLtMatmulDesc_t operation;
    cublasLtMatrixLayout_t first, second, result; // b, a, d
    cublasLtMatmulAlgo_t algorithm;
    size_t workspace_bytes;
};

struct dense_plans {
    struct device *device;
    cublasLtHandle_t handle;
    struct plan *plans;
    int num, capacity;
};

struct dense_plans *dense_plans_new(struct device *device) {
    struct dense_plans *plans = calloc(1, sizeof(*plans));
    if (!plans) {
        fprintf(stderr, "cuda: out of memory\n");
        return NULL;
    }
    plans->device = device;
    (void)device_stream(device); // makes the card current
    const cublasStatus_t status = cublasLtCreate(&plans->handle);
    if (status == CUBLAS_STATUS_SUCCESS) return plans;
    fprintf(stderr, "cuda: cuBLASLt can't be used: %s\n", cublasLtGetStatusString(status));
    free(plans);
    return NULL;
}

static void plan_done(struct plan *plan) {
    if (plan->operation) cublasLtMatmulDescDestroy(plan->operation);
    if (plan->first) cublasLtMatrixLayoutDestroy(plan->first);
    if (plan->second) cublasLtMatrixLayoutDestroy(plan->second);
    if (plan->result) cublasLtMatrixLayoutDestroy(plan->result);
    plan->operation = NULL;
    plan->first = plan->second = plan->result = NULL;
}

void dense_plans_free(struct dense_plans *plans) {
    if (!plans) return;
    device_wait(plans->device);
    for (int i = 0; i < plans->num; i++) plan_done(&plans->plans[i]);
    cublasLtDestroy(plans->handle);
    free(plans->plans);
    free(plans);
}

static bool same(const struct dense_product *a, const struct dense_product *b) {
    return a->m == b->m && a->n == b->n && a->k == b->k && a->in == b->in && a->out == b->out &&
           a->a_transposed == b->a_transposed && a->b_transposed == b->b_transposed && a->add == b->add && a->relu == b->relu &&
           a->a_stride == b->a_stride && a->b_stride == b->b_stride && a->d_stride == b->d_stride;
}

static unsigned alignment_of(const void *address) {
    const uintptr_t low = (uintptr_t)address & (~(uintptr_t)address + 1); // the lowest bit that is set
    return low == 0 || low > 256 ? 256 : (unsigned)low;
}

static cudaDataType_t data_type(enum element e) {
    return e == ELEMENT_F32 ? CUDA_R_32F : e == ELEMENT_F16 ? CUDA_R_16F : CUDA_R_16BF;
}

static cublasStatus_t describe(struct plan *plan, const float *bias) {
    const struct dense_product *p = &plan->product;
    const cublasOperation_t first_op = p->b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    const cublasOperation_t second_op = p->a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
    if (plan->fused && plan->bias)
        epilogue = p->relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
    else if (plan->fused && p->relu)
        epilogue = CUBLASLT_EPILOGUE_RELU;
    const cudaDataType_t bias_type = CUDA_R_32F;
    const uint64_t n = (uint64_t)p->n, m = (uint64_t)p->m, k = (uint64_t)p->k;

    cublasStatus_t status = cublasLtMatmulDescCreate(&plan->operation, CUBLAS_COMPUTE_32F, CUDA_R_32F);
#define SET(attribute, value)                                                                                                  \
    if (status == CUBLAS_STATUS_SUCCESS)                                                                                       \
    status = cublasLtMatmulDescSetAttribute(plan->operation, CUBLASLT_MATMUL_DESC_##attribute, &(value), sizeof(value))
    SET(TRANSA, first_op);
    SET(TRANSB, second_op);
    SET(EPILOGUE, epilogue);
    if (plan->fused && plan->bias) {
        SET(BIAS_DATA_TYPE, bias_type);
        SET(BIAS_POINTER, bias); // invariant 4; each run sets its own
    }
#undef SET
    // Rows and columns as stored, that is before the transposition.
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatrixLayoutCreate(&plan->first, data_type(p->in), p->b_transposed ? k : n, p->b_transposed ? n : k,
                                            p->b_stride);
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatrixLayoutCreate(&plan->second, data_type(p->in), p->a_transposed ? m : k, p->a_transposed ? k : m,
                                            p->a_stride);
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatrixLayoutCreate(&plan->result, data_type(p->out), n, m, p->d_stride);
    return status;
}

static cublasStatus_t find(cublasLtHandle_t handle, struct plan *plan) {
    cublasLtMatmulPreference_t preference = NULL;
    cublasLtMatmulHeuristicResult_t result;
    memset(&result, 0, sizeof(result));
    int found = 0;
    const uint32_t splits = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE; // invariant 1; unsplit products are always allowed
    const uint32_t a = plan->alignment[0], b = plan->alignment[1], d = plan->alignment[2];
    cublasStatus_t status = cublasLtMatmulPreferenceCreate(&preference);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
#define SET(attribute, value)                                                                                                  \
    if (status == CUBLAS_STATUS_SUCCESS)                                                                                       \
    status = cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_##attribute, &(value), sizeof(value))
    SET(MAX_WORKSPACE_BYTES, WORKSPACE_BYTES);
    SET(REDUCTION_SCHEME_MASK, splits);
    SET(MIN_ALIGNMENT_A_BYTES, b); // its first operand is our b
    SET(MIN_ALIGNMENT_B_BYTES, a);
    SET(MIN_ALIGNMENT_C_BYTES, d);
    SET(MIN_ALIGNMENT_D_BYTES, d);
#undef SET
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatmulAlgoGetHeuristic(handle, plan->operation, plan->first, plan->second, plan->result, plan->result,
                                                preference, 1, &result, &found);
    cublasLtMatmulPreferenceDestroy(preference);
    if (status == CUBLAS_STATUS_SUCCESS) status = found ? result.state : CUBLAS_STATUS_NOT_SUPPORTED;
    plan->algorithm = result.algo;
    plan->workspace_bytes = result.workspaceSize;
    return status;
}

// Whether bias_relu_mask can work on d in place: rows padded and aligned as an image's are.
static bool is_image(const struct dense_product *p, const unsigned alignment[4]) {
    return p->d_stride == padded(p->n) && alignment[2] >= 16;
}
static bool is_rows(const struct dense_product *p) { return p->out == ELEMENT_F32 && p->d_stride == p->n; }

static struct plan *plan_of(struct dense_plans *plans, const struct dense_product *product, const unsigned alignment[4],
                            const float *bias) {
    for (int i = 0; i < plans->num; i++) {
        struct plan *const plan = &plans->plans[i];
        if (plan->bias == !!bias && same(&plan->product, product) &&
            !memcmp(plan->alignment, alignment, sizeof(plan->alignment)))
            return plan;
    }
    if (plans->num == plans->capacity) {
        const int capacity = plans->capacity ? 2 * plans->capacity : 32;
        struct plan *grown = realloc(plans->plans, (size_t)capacity * sizeof(*grown));
        if (!grown) return NULL;
        plans->plans = grown;
        plans->capacity = capacity;
    }
    struct plan *const plan = &plans->plans[plans->num++];
    *plan = (struct plan){.product = *product, .bias = bias != NULL, .fused = true};
    memcpy(plan->alignment, alignment, sizeof(plan->alignment));
    // An fp32 bias on halves is in no table of cuBLASLt's: not left to its heuristics to refuse.
    const bool fusible = !bias || product->out == ELEMENT_F32 || !is_image(product, alignment);
    cublasStatus_t status = fusible ? describe(plan, bias) : CUBLAS_STATUS_NOT_SUPPORTED;
    if (status == CUBLAS_STATUS_SUCCESS) status = find(plans->handle, plan);
    if (status != CUBLAS_STATUS_SUCCESS && (bias || product->relu) && (is_image(product, alignment) || is_rows(product))) {
        plan_done(plan);
        plan->fused = false;
        status = describe(plan, NULL);
        if (status == CUBLAS_STATUS_SUCCESS) status = find(plans->handle, plan);
    }
    plan->usable = status == CUBLAS_STATUS_SUCCESS;
    return plan;
}

// The epilogue that the library did not do. false: no memory for it.
static bool finish(struct device *device, const struct plan *plan, const float *bias, void *d) {
    const struct dense_product *p = &plan->product;
    const size_t rows = (size_t)p->m;
    if (is_image(p, plan->alignment)) {
        bias_relu_mask(device, p->out, rows, p->n, bias, p->relu, NULL, d);
        return true;
    }
    float *image = device_scratch(device, rows * (size_t)padded(p->n) * sizeof *image);
    if (!image) return false;
    rows_to_image(device, ELEMENT_F32, rows, p->n, d, image);
    bias_relu_mask(device, ELEMENT_F32, rows, p->n, bias, p->relu, NULL, image);
    image_to_rows(device, ELEMENT_F32, rows, p->n, image, d);
    return true;
}

bool dense_run(struct dense_plans *plans, const struct dense_product *product, const void *a, const void *b, const float *bias,
               void *d, char why[DEVICE_TEXT]) {
    const cudaStream_t stream = (cudaStream_t)device_stream(plans->device); // makes the card current as well
    const unsigned alignment[4] = {alignment_of(a), alignment_of(b), alignment_of(d), alignment_of(bias)};
    struct plan *const plan = plan_of(plans, product, alignment, bias);
    if (!plan || !plan->usable) {
        snprintf(why, DEVICE_TEXT, "cuBLASLt: no way to do [%d, %d] x [%d, %d], %s to %s", product->m, product->k, product->k,
                 product->n, element_name(product->in), element_name(product->out));
        return false;
    }
    void *workspace = plan->workspace_bytes ? device_scratch(plans->device, WORKSPACE_BYTES) : NULL;
    if (!workspace && plan->workspace_bytes) {
        snprintf(why, DEVICE_TEXT, "out of device memory: %zu bytes of workspace for a product", WORKSPACE_BYTES);
        return false;
    }
    const float alpha = 1, beta = product->add ? 1.0f : 0.0f;
    cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
    if (plan->fused && bias)
        status = cublasLtMatmulDescSetAttribute(plan->operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof(bias));
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatmul(plans->handle, plan->operation, &alpha, b, plan->first, a, plan->second, &beta, d, plan->result,
                                d, plan->result, &plan->algorithm, workspace, plan->workspace_bytes, stream);
    if (status != CUBLAS_STATUS_SUCCESS) {
        snprintf(why, DEVICE_TEXT, "cuBLASLt: %s", cublasLtGetStatusString(status));
        return false;
    }
    if (plan->fused || (!bias && !product->relu) || finish(plans->device, plan, bias, d)) return true;
    snprintf(why, DEVICE_TEXT, "out of device memory: an epilogue of %d rows of %d", product->m, product->n);
    return false;
}
