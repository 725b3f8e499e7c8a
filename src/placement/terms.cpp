#include "src/placement/terms.hpp"

#include <algorithm>

namespace hansa {
namespace {

// A site that can't say when counts as a year away: bad, but still comparable.
double bounded_seconds(Duration duration) {
  constexpr Duration year = std::chrono::hours(24 * 365);
  return seconds(std::clamp(duration, Duration{0}, year));
}

}  // namespace

double run_seconds(const Option& option, const JobRequest& request) {
  const auto expected = expected_use_of_limit * bounded_seconds(request.resources.time_limit);
  if (option.tflops <= 0 || option.reference_tflops <= 0) return expected;
  const auto ratio = option.reference_tflops / option.tflops;
  if (!(ratio >= 0)) return expected;  // what peers claim may be beyond what can be divided
  return expected * std::clamp(ratio, 1 / speed_ratio_max, speed_ratio_max);
}

double expected_cost(const Option& option, const JobRequest& request) {
  constexpr double price_max = 1e12;
  return std::clamp(option.price_per_hour, 0.0, price_max) * run_seconds(option, request) / 3600;
}

ScoreTerm start_term(const Option& option) {
  return {"start", bounded_seconds(option.start)};
}
ScoreTerm reputation_term(const Option& option) {
  return {"reputation", bounded_seconds(option.expected_delay)};
}
ScoreTerm transfer_term(const Option& option) {
  return {"transfer", bounded_seconds(option.transfer)};
}
ScoreTerm run_term(const Option& option, const JobRequest& request) {
  return {"run", run_seconds(option, request)};
}

}  // namespace hansa
