#include "src/placement/registry.hpp"

#include "src/placement/scores.hpp"

namespace hansa {

const std::vector<const Score*>& scores() {
  static const std::vector<const Score*> all{
      &balanced_score(),
      &fastest_score(),
      &cheapest_score(),
  };
  return all;
}

Result<const Score*> find_score(std::string_view name) {
  std::string known;
  for (const auto* score : scores()) {
    if (score->name() == name) return score;
    known += (known.empty() ? "" : ", ") + std::string(score->name());
  }
  return usage_error("there is no placement score '" + std::string(name) + "'; there are " + known);
}

}  // namespace hansa
