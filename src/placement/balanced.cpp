// balanced: when the job would be done, with a mild eye on the price and on the order of the user's list of models.
//
// The user's --prefer shifts it: `cheapest` makes money weigh much more than time, `local` keeps the job at home unless
// another site ends it sooner by an hour, and then near by.
#include "src/placement/scores.hpp"
#include "src/placement/terms.hpp"

namespace hansa {
namespace {

// Seconds that one unit of money is worth. Raising it sends jobs to cheaper sites that start later.
constexpr double money_seconds_mild = 1;
constexpr double money_seconds_cheapest = 120;
// What one step down the user's list of models counts. Raising it waits longer for the wanted model.
constexpr double preference_step_seconds = 60;
// What leaving home counts for --prefer local, and each millisecond of round trip beyond.
constexpr double away_seconds_local = 3600;
constexpr double rtt_ms_seconds_local = 1;

class Balanced final : public Score {
 public:
  std::string_view name() const override { return "balanced"; }
  std::string_view summary() const override {
    return "the earliest expected end, with a mild eye on price and on the order of the models asked for";
  }

  ScoreCard card(const Option& option, const JobRequest& request) const override {
    const auto prefer = request.wishes.prefer;
    const auto money = prefer == Prefer::cheapest ? money_seconds_cheapest : money_seconds_mild;
    ScoreCard card{{start_term(option), reputation_term(option), transfer_term(option), run_term(option, request)}};
    card.terms.push_back({"price", money * expected_cost(option, request)});
    card.terms.push_back({"preference", preference_step_seconds * static_cast<double>(option.preference)});
    if (prefer == Prefer::local) card.terms.push_back({"distance", distance(option)});
    return card;
  }

 private:
  static double distance(const Option& option) {
    if (option.is_self) return 0;
    return away_seconds_local + rtt_ms_seconds_local * 1000 * seconds(option.rtt);
  }
};

}  // namespace

const Score& balanced_score() {
  static const Balanced score;
  return score;
}

}  // namespace hansa
