// What scores are made of: considerations as seconds.
#pragma once

#include "hansa/score.hpp"

namespace hansa {

// Users ask for more time than they use; a job is expected to use this part of its limit.
inline constexpr double expected_use_of_limit = 0.5;
// A pool counts as at most this many times faster or slower than another: peak TFLOPS promise more than jobs get.
inline constexpr double speed_ratio_max = 4;

// How long the job is expected to run there.
double run_seconds(const Option& option, const JobRequest& request);
// What it is expected to cost there, in the sites' unit of money.
double expected_cost(const Option& option, const JobRequest& request);

ScoreTerm start_term(const Option& option);
ScoreTerm reputation_term(const Option& option);
ScoreTerm transfer_term(const Option& option);
ScoreTerm run_term(const Option& option, const JobRequest& request);

}  // namespace hansa
