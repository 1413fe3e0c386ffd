#include "engine/cpu.h"

bool cpu_here(Cpu level)
{
#if defined(__x86_64__)
    switch (level) {
    case CPU_PORTABLE: return true;
    case CPU_AVX2:     return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    case CPU_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bitalg")
            && cpu_here(CPU_AVX2);
    case CPU__COUNT: return false;
    }
    return false;
#else
    return level == CPU_PORTABLE;
#endif
}

Cpu cpu_best(void)
{
    return cpu_here(CPU_AVX512) ? CPU_AVX512 : cpu_here(CPU_AVX2) ? CPU_AVX2 : CPU_PORTABLE;
}

const char *cpu_name(Cpu level)
{
    static const char *const names[CPU__COUNT] = { "portable", "avx2", "avx512" };
    return names[level];
}
