// The backends that this build has: one line each in registry.cpp.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "src/backends/settings.hpp"

namespace hansa {

std::vector<std::string_view> backend_names();  // "process", "fake"

// An unknown name, or settings that this machine can't honour, is an error that says what to do.
Result<std::unique_ptr<Backend>> make_backend(std::string_view name, const BackendSettings& settings);

}  // namespace hansa
