#include "src/backends/process/run_signs.hpp"

#include "src/backends/process/run_files.hpp"

namespace hansa {

bool write_lease(int control_folder, const LeaseFile& lease) {
  const auto left_us = lease.until_us - boottime_us();
  FieldText out;
  out.add("until_us", lease.until_us);
  out.add("boot", lease.boot);
  out.add("wall_us", wall_ms() * 1'000 + left_us - lease.skew_us);
  return write_file_at(control_folder, "lease", out.text(), 0600);
}

std::optional<std::int64_t> read_lease(int control_folder, const std::string& boot) {
  auto text = read_file_at(control_folder, "lease");
  const auto in = text ? FieldText::parse(std::move(*text)) : std::nullopt;
  if (!in || in->find("until_us").empty()) return std::nullopt;
  if (in->find("boot") == boot) return in->number("until_us");
  return boottime_us() + in->number("wall_us") - wall_ms() * 1'000;
}

bool write_stop(int control_folder, StopRequest request) {
  FieldText out;
  out.add("stop", static_cast<std::int64_t>(request));
  return write_file_at(control_folder, "stop", out.text(), 0600);
}

std::optional<StopRequest> read_stop(int control_folder) {
  auto text = read_file_at(control_folder, "stop");
  const auto in = text ? FieldText::parse(std::move(*text)) : std::nullopt;
  if (!in || in->find("stop").empty()) return std::nullopt;
  return static_cast<StopRequest>(in->number("stop"));
}

bool write_pulse(int control_folder, const Pulse& pulse) {
  FieldText out;
  out.add("count", pulse.count);
  out.add("started_ms", pulse.started_ms);
  out.add("batch_job", pulse.batch_job);
  out.add("where", pulse.where);
  return write_file_at(control_folder, "pulse", out.text(), 0600);
}

std::optional<Pulse> read_pulse(int control_folder) {
  auto text = read_file_at(control_folder, "pulse");
  const auto in = text ? FieldText::parse(std::move(*text)) : std::nullopt;
  if (!in || in->find("count").empty()) return std::nullopt;
  return Pulse{.count = in->number("count"),
               .started_ms = in->number("started_ms"),
               .batch_job = in->number("batch_job"),
               .where = std::string(in->find("where"))};
}

}  // namespace hansa
