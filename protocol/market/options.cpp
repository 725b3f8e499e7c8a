#include "protocol/market/options.hpp"

namespace hansa {

Status validate(const MarketOptions& options) {
  if (options.fanout == 0) return usage_error("market: fanout must be at least 1");
  if (options.answer_by <= Duration{0}) return usage_error("market: answer_by must be more than 0");
  if (options.margin < Duration{0}) return usage_error("market: margin must not be negative");
  if (options.call_interval <= Duration{0}) return usage_error("market: call_interval must be more than 0");
  if (options.call_interval_max < options.call_interval) {
    return usage_error("market: call_interval_max must be at least call_interval");
  }
  if (options.bandwidth_unknown <= 0) return usage_error("market: bandwidth_unknown must be more than 0");
  if (options.calls_open_max == 0) return usage_error("market: calls_open_max must be at least 1");
  if (options.scan_groups_max == 0 || options.scan_sites_max == 0 || options.scan_pace <= Duration{0}) {
    return usage_error("market: scan_groups_max, scan_sites_max and scan_pace must be more than 0");
  }
  return success();
}

}  // namespace hansa
