// What went wrong, as RFC 9457 says it: {"type", "title", "status", "detail", "kind"}.
//
// `kind` is the ErrorKind in a word, from which the command takes its exit code; `detail` is the one sentence.
#pragma once

#include <string_view>

#include "hansa/types/result.hpp"
#include "src/gateway/http.hpp"

namespace hansa::gateway {

HttpResponse problem(unsigned status, std::string_view kind, std::string_view detail);
HttpResponse problem(const Error& error);

std::string_view kind_word(ErrorKind kind);  // "not_found"

}  // namespace hansa::gateway
