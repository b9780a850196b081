// dense.h on a card: for each product and alignment one cuBLASLt plan is found at its first use and
// kept.
//
// cuBLASLt stores columns, we store rows: our row-major [m, n] is its column-major [n, m]. So D = A
// B is asked for as D' = B' A', with our b as its first operand and our a as its second:
//
//   ours        d[m, n]   =  op(a)[m, k]  op(b)[k, n]         row-major, strides are row lengths
//   cuBLASLt's  D'[n, m]  =  op(B')[n, k] op(A')[k, m]        column-major, with the same strides
//
// A matrix that we store transposed is one that cuBLASLt must transpose, too. Its bias runs along
// the n rows of D', and so is our bias[n].
//
// Invariants
// 1. Sums are fp32, in an order that the plan fixes. Where a plan splits k, the parts are added in
//    fp32 and never in the output's type. F32 inputs are never rounded to TF32, which would be
//    another compute type.
// 2. cuBLASLt's epilogue computes alpha A B + beta C, adds the bias and applies relu, which is the
//    order of dense.h.
// 3. Where no plan takes the epilogue (NVIDIA's tables have no fp32 bias with a half output), the
//    product runs alone and bias_relu_mask adds the epilogue. fp32 rows that are not padded are
//    copied to scratch for that. A half product is then rounded before the bias is added.
// 4. A plan is kept for one alignment of the bias: the heuristics read it off the pointer in the
//    description, and a kernel that loads 16 bytes of a bias at once fails on one that is aligned
//    to 4.
#include "kernels/dense.h"
#include "kernels/pointwise.h"

#include <cublasLt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// NVIDIA's recommendation for Hopper, and enough for other cards
static const size_t WORKSPACE_BYTES = (size_t)32 << 20;

struct plan { // how one product is computed, with or without its epilogue
    struct dense_product product;
    unsigned alignment[4]; // of a, b, d and bias: powers of two up to 256 bytes
    // Whether a bias was asked for; whether the library computes it and relu.
    bool bias, fused;
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

bool dense_plans_new(struct dense_plans **out, struct device *device, char why[DEVICE_TEXT]) {
    *out = NULL;
    struct dense_plans *plans = calloc(1, sizeof(*plans));
    if (!plans) {
        snprintf(why, DEVICE_TEXT, "out of memory");
        return false;
    }
    plans->device = device;
    (void)device_stream(device); // this also makes the card current
    const cublasStatus_t status = cublasLtCreate(&plans->handle);
    if (status == CUBLAS_STATUS_SUCCESS) {
        *out = plans;
        return true;
    }
    snprintf(why, DEVICE_TEXT, "cuBLASLt can't be used: %s", cublasLtGetStatusString(status));
    free(plans);
    return false;
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
    // The lowest bit that is set.
    const uintptr_t low = (uintptr_t)address & (~(uintptr_t)address + 1);
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
        SET(BIAS_POINTER, bias); // for the heuristics (invariant 4); each run sets its own
    }
#undef SET
    // A layout has the rows and columns that are stored, so before the transposition.
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
    // Invariant 1; products that are not split are always allowed.
    const uint32_t splits = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
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

// Whether bias_relu_mask can work on d in place, because its rows are padded and aligned as an
// image's are.
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
    // cuBLASLt's tables have no fp32 bias on halves, and its heuristics can't be relied upon to
    // refuse it.
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

// Computes the epilogue that the library did not. Returns false where there is no memory for it.
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
    // This call also makes the card current for this thread.
    const cudaStream_t stream = (cudaStream_t)device_stream(plans->device);
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
