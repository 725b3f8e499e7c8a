#include "hansa/types/datasets.hpp"

#include <algorithm>

namespace hansa {
namespace {

bool holds(const std::vector<std::string>& held, const std::string& name) {
  return std::find(held.begin(), held.end(), name) != held.end();
}

}  // namespace

bool is_dataset_name(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !text.empty() && text.size() <= 63 && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string missing_dataset(const std::vector<std::string>& held, const PlacementWishes& wishes) {
  const auto missing = std::find_if(wishes.datasets.begin(), wishes.datasets.end(),
                                    [&](const DatasetWish& wish) { return wish.required && !holds(held, wish.name); });
  return missing == wishes.datasets.end() ? "" : missing->name;
}

std::size_t dataset_steps(const std::vector<std::string>& held, const PlacementWishes& wishes) {
  return steps_per_dataset *
         static_cast<std::size_t>(std::count_if(wishes.datasets.begin(), wishes.datasets.end(),
                                                [&](const DatasetWish& wish) { return !holds(held, wish.name); }));
}

std::string dataset_variable(std::string_view name) {
  std::string variable = "HANSA_DATASET_";
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    variable += letter ? static_cast<char>(c - 'a' + 'A') : digit ? c : '_';
  }
  return variable;
}

}  // namespace hansa
