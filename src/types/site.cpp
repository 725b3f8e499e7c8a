#include "hansa/types/site.hpp"

namespace hansa {

bool within_region(std::string_view path, std::string_view region) {
  if (region.empty()) return true;
  return path.starts_with(region) && (path.size() == region.size() || path[region.size()] == '/');
}

}  // namespace hansa
