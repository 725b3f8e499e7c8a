#include "src/config/setting.hpp"

#include <filesystem>
#include <iterator>

namespace hansa {

std::string resolve_path(const std::string& folder, std::string_view path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::string shorten_path(const std::string& folder, const std::string& path) {
  const auto prefix = folder + '/';
  return path.starts_with(prefix) && path.size() > prefix.size() ? path.substr(prefix.size()) : path;
}

const std::vector<Setting>& all_settings() {
  static const auto settings = [] {
    auto all = site_settings();
    for (auto part : {slurm_settings(), tuning_settings(), limit_settings()}) {
      all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
    return all;
  }();
  return settings;
}

}  // namespace hansa
