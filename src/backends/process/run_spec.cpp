#include "src/backends/process/run_spec.hpp"

#include <cstdlib>

namespace hansa {

static void add_cgroup(FieldText& out, const CgroupPlan& plan) {
  out.add("cgroup", plan.folder);
  if (!plan.oom_file.empty()) out.add("cgroup.oom", plan.oom_file);
  for (const auto& [file, value] : plan.settings) {
    out.add("cgroup.file", file);
    out.add("cgroup.value", value);
  }
}

std::string RunSpec::to_text() const {
  FieldText out;
  out.add("run", run);
  out.add("boot", boot);
  out.add("work", work_folder);
  out.add("start", start_folder);
  out.add("tmp", tmp_folder);
  out.add("script", script);
  for (const auto& argument : arguments) out.add("argument", argument);
  for (const auto& variable : environment) out.add("environment", variable);
  out.add("join_stderr", join_stderr);
  out.add("switch_user", switch_user);
  out.add("uid", static_cast<std::int64_t>(uid));
  out.add("gid", static_cast<std::int64_t>(gid));
  for (const auto group : groups) out.add("group", std::to_string(group));
  out.add("nice", nice);
  out.add("time_limit_us", time_limit_us);
  out.add("grace_us", grace_us);
  out.add("under_lease", under_lease);
  for (const auto& plan : cgroups) add_cgroup(out, plan);
  for (const auto& path : hidden) out.add("hidden", path);
  for (const auto& path : shown) out.add("shown", path);
  out.add("pulse_us", pulse_us);
  for (const auto& name : inherited) out.add("inherited", name);
  for (const auto& name : accelerator_variables) out.add("accelerator_variable", name);
  out.add("units", units);
  out.add("where", where);
  return out.text();
}

static std::vector<CgroupPlan> read_cgroups(const FieldText& in) {
  std::vector<CgroupPlan> plans;
  for (const auto& [name, value] : in.entries()) {
    if (name == "cgroup") plans.push_back({.folder = value});
    if (plans.empty()) continue;
    if (name == "cgroup.oom") plans.back().oom_file = value;
    if (name == "cgroup.file") plans.back().settings.emplace_back(value, "");
    if (name == "cgroup.value" && !plans.back().settings.empty()) plans.back().settings.back().second = value;
  }
  return plans;
}

std::optional<RunSpec> RunSpec::from_text(std::string text) {
  const auto in = FieldText::parse(std::move(text));
  if (!in || in->find("run").empty()) return std::nullopt;
  RunSpec spec;
  spec.run = in->find("run");
  spec.boot = in->find("boot");
  spec.work_folder = in->find("work");
  spec.start_folder = in->find("start");
  spec.tmp_folder = in->find("tmp");
  spec.script = in->find("script");
  spec.arguments = in->all("argument");
  spec.environment = in->all("environment");
  spec.join_stderr = in->number("join_stderr") != 0;
  spec.switch_user = in->number("switch_user") != 0;
  spec.uid = static_cast<uid_t>(in->number("uid"));
  spec.gid = static_cast<gid_t>(in->number("gid"));
  for (const auto& group : in->all("group"))
    spec.groups.push_back(static_cast<gid_t>(std::strtoul(group.c_str(), nullptr, 10)));
  spec.nice = static_cast<int>(in->number("nice"));
  spec.time_limit_us = in->number("time_limit_us");
  spec.grace_us = in->number("grace_us");
  spec.under_lease = in->number("under_lease") != 0;
  spec.cgroups = read_cgroups(*in);
  spec.hidden = in->all("hidden");
  spec.shown = in->all("shown");
  spec.pulse_us = in->number("pulse_us");
  spec.inherited = in->all("inherited");
  spec.accelerator_variables = in->all("accelerator_variable");
  spec.units = in->number("units");
  spec.where = in->find("where");
  return spec;
}

std::string RunStatus::to_text() const {
  FieldText out;
  out.add("ending", static_cast<std::int64_t>(ending));
  out.add("code", code);
  out.add("signal", signal);
  out.add("elapsed_us", elapsed_us);
  out.add("cpu_us", cpu_us);
  out.add("memory_peak_kib", memory_peak_kib);
  out.add("started_ms", started_ms);
  out.add("ended_ms", ended_ms);
  out.add("reason", reason);
  out.add("where", where);
  out.add("unsettled", unsettled);
  return out.text();
}

std::optional<RunStatus> RunStatus::from_text(std::string text) {
  const auto in = FieldText::parse(std::move(text));
  if (!in || in->find("ending").empty()) return std::nullopt;
  RunStatus status;
  status.ending = static_cast<RunEnding>(in->number("ending"));
  status.code = static_cast<int>(in->number("code"));
  status.signal = static_cast<int>(in->number("signal"));
  status.elapsed_us = in->number("elapsed_us");
  status.cpu_us = in->number("cpu_us");
  status.memory_peak_kib = in->number("memory_peak_kib");
  status.started_ms = in->number("started_ms");
  status.ended_ms = in->number("ended_ms");
  status.reason = in->find("reason");
  status.where = in->find("where");
  status.unsettled = in->number("unsettled") != 0;
  return status;
}

}  // namespace hansa
