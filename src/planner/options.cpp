#include "src/planner/options.hpp"

namespace hansa {

Status validate(const EasyOptions& options) {
  if (options.backfill_depth == 0) return usage_error("planner: backfill_depth must be at least 1");
  if (options.timetable_depth == 0) return usage_error("planner: timetable_depth must be at least 1");
  if (options.timetable_ends < 16) return usage_error("planner: timetable_ends must be at least 16");
  if (options.timetable_steps_per_second == 0) {
    return usage_error("planner: timetable_steps_per_second must be at least 1");
  }
  if (options.gang_credit < Duration{0}) return usage_error("planner: gang_credit must not be negative");
  if (options.soonest <= Duration{0}) return usage_error("planner: soonest must be more than 0");
  if (options.typical_limit <= Duration{0}) return usage_error("planner: typical_limit must be more than 0");
  return success();
}

}  // namespace hansa
