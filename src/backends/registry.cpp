#include "src/backends/registry.hpp"

#include <array>

#include "src/backends/fake/fake_backend.hpp"
#include "src/backends/process/process_backend.hpp"
#include "src/backends/slurm/slurm_backend.hpp"

namespace hansa {

struct RegisteredBackend {
  std::string_view name;
  Result<std::unique_ptr<Backend>> (*make)(const BackendSettings&);
};

static constexpr std::array registered_backends{
    RegisteredBackend{"process", make_process_backend},
    RegisteredBackend{"slurm", make_slurm_backend},
    RegisteredBackend{"fake", make_fake_backend},
};

std::vector<std::string_view> backend_names() {
  std::vector<std::string_view> names;
  for (const auto& backend : registered_backends) names.push_back(backend.name);
  return names;
}

Result<std::unique_ptr<Backend>> make_backend(std::string_view name, const BackendSettings& settings) {
  std::string known;
  for (const auto& backend : registered_backends) {
    if (backend.name == name) return backend.make(settings);
    known.append(known.empty() ? "" : ", ").append(backend.name);
  }
  return usage_error("there is no backend '" + std::string(name) + "'; this build has: " + known);
}

}  // namespace hansa
