// How glibc's malloc treats large buffers: given back at once, or kept for the next.
//
// A buffer above the threshold is mapped for itself, and every page of it is made and zeroed anew by the kernel: for a
// chunk of 4 MiB that costs more than copying it. A daemon at rest should not keep such memory; one that moves bundles
// should not map each chunk a dozen times on its way.
#pragma once

#include <malloc.h>

namespace hansa {

inline void give_large_buffers_back() {
  constexpr int bytes = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, bytes);
}

inline void keep_large_buffers() {
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

}  // namespace hansa
