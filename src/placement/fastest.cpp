// fastest: when the job would be done, and nothing else. Price and the order of models only break ties.
#include "src/placement/scores.hpp"
#include "src/placement/terms.hpp"

namespace hansa {
namespace {

constexpr double tie_seconds = 1e-6;

class Fastest final : public Score {
 public:
  std::string_view name() const override { return "fastest"; }
  std::string_view summary() const override { return "the earliest expected end, whatever it costs"; }

  ScoreCard card(const Option& option, const JobRequest& request) const override {
    const auto tie = static_cast<double>(option.preference) + expected_cost(option, request);
    return {{start_term(option),
             reputation_term(option),
             transfer_term(option),
             run_term(option, request),
             {"tie", tie_seconds * tie}}};
  }
};

}  // namespace

const Score& fastest_score() {
  static const Fastest score;
  return score;
}

}  // namespace hansa
