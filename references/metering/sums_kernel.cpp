#include "references/metering/sums_kernel.hpp"

namespace blondel {
namespace {

typedef double Lanes __attribute__((vector_size(32)));
typedef double LooseLanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef std::int32_t LooseInts __attribute__((vector_size(16), aligned(4), may_alias));

namespace portable {
#define WIDEN(ints) __builtin_convertvector(ints, Lanes)
#define ADD_PRODUCT(sum, a, b) ((sum) += (a) * (b))
#define LOADED_ONCE(lanes)
#include "references/metering/sums_loops.inc"
#undef LOADED_ONCE
#undef ADD_PRODUCT
#undef WIDEN
}  // namespace portable

// Written for g++; what clang compiles (the fuzz harnesses) takes the portable loops.
#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
// g++ 12 makes four instructions of the portable form.
#define WIDEN(ints) __builtin_ia32_cvtdq2pd256(ints)
#define ADD_PRODUCT(sum, a, b) ((sum) = __builtin_ia32_vfmaddpd256(a, b, sum))
// g++ 12 would rather read memory twice than use its last register, and reading is the narrower way.
#define LOADED_ONCE(lanes) asm("" : "+x"(lanes))
#include "references/metering/sums_loops.inc"
#undef LOADED_ONCE
#undef ADD_PRODUCT
#undef WIDEN
}  // namespace avx2
#pragma GCC pop_options
#endif

}  // namespace

const SumsKernel& portable_sums_kernel() {
  return portable::kernel;
}

const SumsKernel& sums_kernel() {
#if defined(__x86_64__) && !defined(__clang__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kernel;
#endif
  return portable::kernel;
}

}  // namespace blondel
