#pragma once
#include <memory>
#include "src/backends/settings.hpp"
namespace hansa {
Result<std::unique_ptr<Backend>> make_fake_backend(const BackendSettings& settings);
}
