// cheapest: what the job would cost. A day of waiting weighs as much as one unit of money, so that equal prices are
// decided by the earlier end and nobody waits for weeks to save a coin.
#include "src/placement/scores.hpp"
#include "src/placement/terms.hpp"

namespace hansa {
namespace {

constexpr double money_seconds = 86'400;

class Cheapest final : public Score {
 public:
  std::string_view name() const override { return "cheapest"; }
  std::string_view summary() const override { return "the lowest expected cost; among equals the earliest end"; }

  ScoreCard card(const Option& option, const JobRequest& request) const override {
    return {{start_term(option),
             reputation_term(option),
             transfer_term(option),
             run_term(option, request),
             {"price", money_seconds * expected_cost(option, request)}}};
  }
};

}  // namespace

const Score& cheapest_score() {
  static const Cheapest score;
  return score;
}

}  // namespace hansa
