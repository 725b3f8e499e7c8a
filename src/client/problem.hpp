// Problem details of the API as errors, and errors as exit codes.
#pragma once

#include "hansa/types/result.hpp"

namespace hansa::client {

struct Reply;

Error problem_of(const Reply& reply);

inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_unreachable = 69;  // sysexits: EX_UNAVAILABLE
inline constexpr int exit_overloaded = 75;   // sysexits: EX_TEMPFAIL

int exit_code_of(ErrorKind kind);

}  // namespace hansa::client
