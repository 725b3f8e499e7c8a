// The length of turn that a thread asks of the kernel's fair scheduler.
//
// Problem: a site's machine is meant to be full of jobs. A thread that has just been woken, as the store's is after
// each sync, then waits until the running job's turn ends, 4 ms and more, though jobs are niced: nice only divides the
// time, it does not say who is next. Idea: whoever asks for short turns is let in at once when it wakes, and gets no
// more time in all than before (Linux 6.12 and later, sched_setattr(2), sched_runtime of SCHED_OTHER; before that the
// wish is ignored). Threads and programs that are started inherit it, so a job's start takes it back.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace hansa {

inline constexpr std::uint64_t short_slice_ns = 100'000;  // the least that the kernel grants
inline constexpr std::uint64_t usual_slice_ns = 0;

// Of the calling thread and all that it will start. Safe between vfork() and exec(). A kernel that refuses changes
// nothing.
inline void ask_for_slice(std::uint64_t nanoseconds) {
  struct Attributes {  // struct sched_attr, which libc does not have
    std::uint32_t size = sizeof(Attributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
  } attributes;
  constexpr std::uint32_t policy_other = 0;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != policy_other) return;
  attributes.runtime = nanoseconds;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace hansa
