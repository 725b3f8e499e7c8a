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
  return expected * std::clamp(option.reference_tflops / option.tflops, 1 / speed_ratio_max, speed_ratio_max);
}

double expected_cost(const Option& option, const JobRequest& request) {
  return std::max(0.0, option.price_per_hour) * run_seconds(option, request) / 3600;
}

ScoreTerm start_term(const Option& option) {
  return {"start", bounded_seconds(option.start)};
}
ScoreTerm transfer_term(const Option& option) {
  return {"transfer", bounded_seconds(option.transfer)};
}
ScoreTerm run_term(const Option& option, const JobRequest& request) {
  return {"run", run_seconds(option, request)};
}

}  // namespace hansa
