// Blocks of CUDA threads as fibres (emulate.h).
//
// 1. A fibre runs thread after thread of a block until one has to wait; only then is another fibre
//    taken. So a kernel whose threads never wait needs one fibre and no switches.
// 2. The scheduler hands control to a fibre and gets it back when the fibre's thread waits or no
//    thread is left to start; fibres never switch among themselves.
// 3. Whoever completes a barrier or a collective makes all its waiters ready and goes on. Ready
//    fibres run in the order in which they began to wait, and before any new thread starts. New
//    threads start as soon as no fibre is ready, since others may wait for them. If no fibre is
//    ready, no thread is left to start and some wait, then that is a deadlock, which is reported
//    with who waits where.
// 4. The state is thread_local, since threadIdx must be found from anywhere in a kernel.
#include "kernels/emulate.h"

#include <deque>
#include <string>
#include <sys/mman.h>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

// --- Switching stacks

enum {
    STACK_BYTES = 256 << 10,
    PAGE_BYTES = 4096
}; // Enough for unoptimised kernels with a few KiB of arrays. Chosen, not tuned.

#if defined(__x86_64__)
// emulate_switch(&old, new) saves the stack pointer and what the System V ABI asks a callee to
// keep, except the control words of the floating-point units, which never change here.
extern "C" void emulate_switch(void **save, void *load);
asm(R"(
.text
.p2align 4
.type emulate_switch,@function
emulate_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulate_switch,.-emulate_switch
)");
struct context {
    void *stack_pointer;
};
static void context_switch(context *from, context *to) { emulate_switch(&from->stack_pointer, to->stack_pointer); }
static void context_make(context *c, char *stack, void (*entry)(void)) {
    // It is aligned to 16 bytes, and entry sees rsp = 8 mod 16, as after a call.
    void **top = (void **)(stack + STACK_BYTES);
    *--top = nullptr; // entry never returns
    *--top = (void *)entry;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    c->stack_pointer = top;
}
#else
#include <ucontext.h>
struct context {
    ucontext_t u;
};
static void context_switch(context *from, context *to) { swapcontext(&from->u, &to->u); }
static void context_make(context *c, char *stack, void (*entry)(void)) {
    getcontext(&c->u);
    c->u.uc_stack.ss_sp = stack;
    c->u.uc_stack.ss_size = STACK_BYTES;
    c->u.uc_link = nullptr;
    makecontext(&c->u, entry, 0);
}
#endif

namespace {

struct fibre {
    context where;
    char *mapping, *stack;
    void *sanitizer = nullptr; // its fake stack (AddressSanitizer) or its fibre (ThreadSanitizer)
    emulate_thread now;        // the CUDA thread on it
};

// Lanes of a warp that wait in a collective. Several such groups may wait at a time where their
// masks are disjoint.
struct warp_wait {
    const char *what;
    void (*op)(void *const *, unsigned);
    unsigned mask, arrived;
    void *arguments[EMULATE_LANES];
    fibre *waiters[EMULATE_LANES];
};

struct async_copy {
    void *to;
    const void *from;
    size_t bytes;
};

struct machine { // the state of one OS thread
    std::vector<fibre *> all, idle;
    context scheduler;
    void *scheduler_sanitizer = nullptr;
    const void *scheduler_stack = nullptr;
    size_t scheduler_stack_bytes = 0;
    fibre *running = nullptr;

    // The launch
    const char *name = nullptr;
    dim3 grid, block;
    void (*body)(void *) = nullptr;
    void *context_of_body = nullptr;
    unsigned num_threads = 0;

    // The block
    uint3 block_index = {};
    void *shared = nullptr;
    unsigned num_started = 0, num_done = 0;
    std::deque<fibre *> ready;
    std::vector<fibre *> at_barrier;
    int barrier_count = 0, barrier_result[2] = {0, 0}, barrier_parity = 0;
    std::vector<std::vector<warp_wait>> warps;
    // The groups of copies of each thread, of which the last is not yet committed.
    std::vector<std::deque<std::vector<async_copy>>> copies;
    // For each warp: the lanes that have returned and can't arrive any more.
    std::vector<unsigned> lanes_done;

    ~machine();
};

thread_local machine here;

[[noreturn]] void fail(const std::string &text) {
    machine &m = here;
    fprintf(stderr, "emulated kernel %s, block (%u %u %u)", m.name ? m.name : "(none)", m.block_index.x, m.block_index.y,
            m.block_index.z);
    if (m.running) {
        const uint3 t = m.running->now.thread;
        fprintf(stderr, ", thread (%u %u %u)", t.x, t.y, t.z);
    }
    fprintf(stderr, ": %s\n", text.c_str());
    abort();
}

machine::~machine() {
    for (fibre *f : all) {
#if defined(__SANITIZE_THREAD__)
        __tsan_destroy_fiber(f->sanitizer);
#endif
        munmap(f->mapping, STACK_BYTES + PAGE_BYTES);
        delete f;
    }
}

// Runs f until it waits or has nothing to do.
void resume(fibre *f) {
    machine &m = here;
    m.running = f;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&m.scheduler_sanitizer, f->stack, STACK_BYTES);
#elif defined(__SANITIZE_THREAD__)
    m.scheduler_sanitizer = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(f->sanitizer, 0);
#endif
    context_switch(&m.scheduler, &f->where);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(m.scheduler_sanitizer, nullptr, nullptr);
#endif
    m.running = nullptr;
}

void back_to_scheduler(void) {
    machine &m = here;
    fibre *self = m.running;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&self->sanitizer, m.scheduler_stack, m.scheduler_stack_bytes);
#elif defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(m.scheduler_sanitizer, 0);
#endif
    context_switch(&self->where, &m.scheduler);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(self->sanitizer, &m.scheduler_stack, &m.scheduler_stack_bytes);
#endif
}

void start_next_thread(fibre *self) {
    machine &m = here;
    const unsigned order = m.num_started++, odd = (m.block_index.x + m.block_index.y + m.block_index.z) & 1;
    const unsigned i = odd ? m.num_threads - 1 - order : order;
    self->now = {
        {i % m.block.x, i / m.block.x % m.block.y, i / m.block.x / m.block.y}, m.block_index, m.block, m.grid, i, m.shared};
    m.body(m.context_of_body);
    m.num_done++;
    m.lanes_done[i / EMULATE_LANES] |= 1u << i % EMULATE_LANES;
}

void fibre_main(void) {
    machine &m = here;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &m.scheduler_stack, &m.scheduler_stack_bytes);
#endif
    for (;;) {
        fibre *self = m.running;
        // A ready fibre goes first, since the next thread might have to wait for it.
        while (m.num_started < m.num_threads && m.ready.empty()) start_next_thread(self);
        m.idle.push_back(self);
        back_to_scheduler();
    }
}

fibre *fibre_take(void) {
    machine &m = here;
    if (!m.idle.empty()) {
        fibre *f = m.idle.back();
        m.idle.pop_back();
        return f;
    }
    fibre *f = new fibre;
    void *memory =
        mmap(nullptr, STACK_BYTES + PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) fail("no memory for a stack");
    f->mapping = static_cast<char *>(memory);
    f->stack = f->mapping + PAGE_BYTES;
    mprotect(f->mapping, PAGE_BYTES, PROT_NONE); // an overflow ends the program here, not elsewhere
#if defined(__SANITIZE_THREAD__)
    f->sanitizer = __tsan_create_fiber(0);
#endif
    context_make(&f->where, f->stack, fibre_main);
    m.all.push_back(f);
    return f;
}

[[noreturn]] void report_deadlock(void) {
    machine &m = here;
    std::string text = "deadlock: " + std::to_string(m.num_done) + " of " + std::to_string(m.num_threads) +
                       " threads returned, " + std::to_string(m.at_barrier.size()) + " wait at __syncthreads";
    for (size_t w = 0; w < m.warps.size(); w++)
        for (const warp_wait &wait : m.warps[w]) {
            char line[160];
            snprintf(line, sizeof line, "; warp %zu: lanes %08x wait for %08x in %s", w, wait.arrived, wait.mask, wait.what);
            text += line;
        }
    fail(text);
}

void run_block(void) {
    machine &m = here;
    m.num_started = m.num_done = 0;
    m.barrier_count = 0;
    m.warps.assign((m.num_threads + EMULATE_LANES - 1) / EMULATE_LANES, {});
    m.lanes_done.assign(m.warps.size(), 0);
    // Copies that a thread never waited for are not made: nobody may count on them.
    m.copies.clear();
    for (;;) {
        fibre *f;
        if (!m.ready.empty()) {
            f = m.ready.front();
            m.ready.pop_front();
        } else if (m.num_started < m.num_threads) {
            f = fibre_take();
        } else {
            break;
        }
        resume(f);
    }
    if (m.num_done != m.num_threads) report_deadlock();
}

// The limits are those of compute capability 9.0.
enum { GUARD_BYTES = 128, GUARD = 0xa5, MAX_SHARED_BYTES = 227 << 10, MAX_THREADS = 1024 };

} // namespace

const struct emulate_thread *emulate_now(void) {
    if (!here.running) fail("a kernel's function is called outside a launch");
    return &here.running->now;
}

int emulate_block_barrier(int value, int *any, int *all) {
    machine &m = here;
    fibre *self = m.running;
    emulate_now();
    if (m.num_done) fail("__syncthreads after " + std::to_string(m.num_done) + " threads of the block have returned");
    m.barrier_count += value != 0;
    // The results of this barrier stay until all who waited have read them.
    const int parity = m.barrier_parity;
    if (m.at_barrier.size() + 1 < m.num_threads) {
        m.at_barrier.push_back(self);
        back_to_scheduler();
    } else {
        m.barrier_result[parity] = m.barrier_count;
        m.barrier_parity ^= 1;
        m.barrier_count = 0;
        m.ready.insert(m.ready.end(), m.at_barrier.begin(), m.at_barrier.end());
        m.at_barrier.clear();
    }
    const int count = here.barrier_result[parity];
    if (any) *any = count > 0;
    if (all) *all = count == (int)here.num_threads;
    return count;
}

void emulate_collective(const char *what, unsigned mask, void (*op)(void *const *, unsigned), void *argument) {
    machine &m = here;
    const unsigned index = emulate_now()->index, lane = index % EMULATE_LANES, warp = index / EMULATE_LANES;
    fibre *self = m.running;
    const unsigned num_lanes = m.num_threads - warp * EMULATE_LANES;
    const unsigned exist = num_lanes >= EMULATE_LANES ? 0xffffffffu : (1u << num_lanes) - 1;
    char text[200];
    if (!(mask >> lane & 1) || (mask & ~exist)) {
        snprintf(text, sizeof text, "%s with mask %08x by lane %u of the lanes %08x", what, mask, lane, exist);
        fail(text);
    }
    if (mask & m.lanes_done[warp]) {
        snprintf(text, sizeof text, "%s waits for lanes %08x, but %08x have returned", what, mask, m.lanes_done[warp]);
        fail(text);
    }
    std::vector<warp_wait> &waits = m.warps[warp];
    size_t at = 0;
    while (at < waits.size() && !(waits[at].mask & mask)) at++;
    if (at == waits.size()) waits.push_back({what, op, mask, 0, {}, {}});
    warp_wait &w = waits[at];
    if (w.mask != mask || w.op != op || strcmp(w.what, what)) {
        snprintf(text, sizeof text, "lane %u is in %s for lanes %08x, others of them in %s for %08x", lane, what, mask, w.what,
                 w.mask);
        fail(text);
    }
    w.arrived |= 1u << lane;
    w.arguments[lane] = argument;
    w.waiters[lane] = self;
    if (w.arrived != mask) {
        back_to_scheduler();
        return;
    }
    op(w.arguments, mask);
    for (unsigned i = 0; i < EMULATE_LANES; i++)
        if (i != lane && (mask >> i & 1)) m.ready.push_back(w.waiters[i]);
    waits.erase(waits.begin() + (long)at);
}

static std::deque<std::vector<async_copy>> *copies_of_thread(void) {
    machine &m = here;
    const unsigned index = emulate_now()->index;
    if (m.copies.empty()) m.copies.resize(m.num_threads);
    if (m.copies[index].empty()) m.copies[index].emplace_back();
    return &m.copies[index];
}

void emulate_copy_async(void *to, const void *from, size_t bytes) {
    if ((uintptr_t)to % bytes || (uintptr_t)from % bytes) fail("an asynchronous copy that is not aligned");
    const uint3 block = emulate_now()->block;
    if ((block.x + block.y + block.z) & 1)
        memcpy(to, from, bytes);
    else
        copies_of_thread()->back().push_back({to, from, bytes});
}

void emulate_copy_commit(void) { copies_of_thread()->emplace_back(); }

void emulate_copy_wait(int groups) {
    std::deque<std::vector<async_copy>> *all = copies_of_thread();
    while (all->size() > (size_t)groups + 1) {
        for (const async_copy &copy : all->front()) memcpy(copy.to, copy.from, copy.bytes);
        all->pop_front();
    }
}

void emulate_shuffle_op(void *const arguments[EMULATE_LANES], unsigned mask) {
    for (unsigned lane = 0; lane < EMULATE_LANES; lane++) {
        if (!(mask >> lane & 1)) continue;
        emulate_shuffle *s = static_cast<emulate_shuffle *>(arguments[lane]);
        s->out = mask >> (s->source & 31) & 1 ? static_cast<emulate_shuffle *>(arguments[s->source & 31])->in : ~(uint64_t)0;
    }
}

void emulate_vote_op(void *const arguments[EMULATE_LANES], unsigned mask) {
    unsigned all = 0;
    for (unsigned lane = 0; lane < EMULATE_LANES; lane++)
        if ((mask >> lane & 1) && static_cast<emulate_vote *>(arguments[lane])->in) all |= 1u << lane;
    for (unsigned lane = 0; lane < EMULATE_LANES; lane++)
        if (mask >> lane & 1) static_cast<emulate_vote *>(arguments[lane])->out = all;
}

void emulate_run(const char *name, dim3 grid, dim3 block, size_t shared_bytes, void (*body)(void *), void *context) {
    machine &m = here;
    if (m.running) fail("a launch inside a kernel");
    m.name = name;
    m.block_index = {};
    const uint64_t threads = (uint64_t)block.x * block.y * block.z;
    if (!threads || threads > MAX_THREADS || block.z > 64) fail("blocks of " + std::to_string(threads) + " threads");
    if (!grid.x || !grid.y || !grid.z || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        fail("a grid that no card takes");
    if (shared_bytes > MAX_SHARED_BYTES) fail(std::to_string(shared_bytes) + " bytes of shared memory");
    m.grid = grid;
    m.block = block;
    m.body = body;
    m.context_of_body = context;
    m.num_threads = (unsigned)threads;
    const size_t whole = (shared_bytes + 2 * GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES;
    unsigned char *shared = static_cast<unsigned char *>(aligned_alloc(GUARD_BYTES, whole));
    if (!shared) fail("no memory for shared memory");
    m.shared = shared;
    for (unsigned z = 0; z < grid.z; z++)
        for (unsigned y = 0; y < grid.y; y++)
            for (unsigned x = 0; x < grid.x; x++) {
                m.block_index = {x, y, z};
                memset(shared, 0xff, shared_bytes);
                memset(shared + shared_bytes, GUARD, whole - shared_bytes);
#if defined(__SANITIZE_ADDRESS__)
                ASAN_POISON_MEMORY_REGION(shared + shared_bytes, whole - shared_bytes);
#endif
                run_block();
#if defined(__SANITIZE_ADDRESS__)
                ASAN_UNPOISON_MEMORY_REGION(shared, whole);
#endif
                for (size_t i = shared_bytes; i < whole; i++)
                    if (shared[i] != GUARD)
                        fail("wrote beyond its " + std::to_string(shared_bytes) + " bytes of shared memory");
            }
    free(shared);
    m.shared = nullptr;
    m.name = nullptr;
}
