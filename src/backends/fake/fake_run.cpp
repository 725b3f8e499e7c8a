#include "src/backends/fake/fake_run.hpp"

#include <algorithm>
#include <csignal>

namespace hansa {

// As a real wrapper's: between the kill and the end of the lease.
static constexpr Duration lease_margin = std::chrono::milliseconds(500);

FakeEnd FakeRun::end() const {
  const Instant natural = start_at + script.duration;
  const Instant lease_kill = lease_until - lease_margin;
  FakeEnd term{.at = start_at + time_limit, .ending = RunEnding::time_limit};
  if (lease_kill - grace < term.at) term = {.at = lease_kill - grace, .ending = RunEnding::lease_out};
  if (stop_at && *stop_at < term.at)
    term = {.at = *stop_at, .ending = stop_by_lease ? RunEnding::lease_out : RunEnding::stopped};
  if (natural <= term.at) return {.at = natural, .exit = script.exit};

  term.exit = {.code = 128 + SIGTERM, .signal = SIGTERM};
  if (!script.ignores_term) return term;
  const Instant kill = std::min(term.at + grace, lease_kill);
  if (natural <= kill) return {.at = natural, .ending = term.ending, .exit = script.exit};
  return {.at = kill, .ending = term.ending, .exit = {.code = 128 + SIGKILL, .signal = SIGKILL}};
}

Instant FakeRun::due() const {
  if (stage == FakeStage::starting) return start_at;
  return stage == FakeStage::running ? end().at : end_of_time;
}

void FakeRun::finish() {
  const auto how = end();
  status.ending = how.ending;
  status.code = how.exit.code;
  status.signal = how.exit.signal;
  status.elapsed_us = (how.at - start_at).count();
  status.started_ms = started_ms;
  status.ended_ms = started_ms + status.elapsed_us / 1000;
  if (how.ending == RunEnding::lease_out) status.reason = "its lease ran out";
  if (how.ending == RunEnding::stopped) status.reason = stop_words;
  stage = FakeStage::ended;
}

bool FakeRun::lease_is_out(Instant now) const {
  return now >= lease_until - lease_margin;
}

void FakeRun::give_up_for_lease() {
  status.ending = RunEnding::lease_out;
  status.reason = "its lease ran out before it could start";
  stage = FakeStage::ended;
}

std::string FakeRun::to_text() const {
  FieldText out;
  out.add("stage", static_cast<std::int64_t>(stage));
  out.add("duration_us", script.duration.count());
  out.add("code", script.exit.code);
  out.add("signal", script.exit.signal);
  out.add("ignores_term", script.ignores_term);
  out.add("start_at_us", start_at.time_since_epoch().count());
  out.add("started_ms", started_ms);
  out.add("time_limit_us", time_limit.count());
  out.add("grace_us", grace.count());
  out.add("lease_until_us", lease_until.time_since_epoch().count());
  if (stop_at) out.add("stop_at_us", stop_at->time_since_epoch().count());
  out.add("stop_by_lease", stop_by_lease);
  out.add("stop_words", stop_words);
  out.add("start_failure", start_failure);
  out.add("units", units);
  out.add("where", where);
  if (stage == FakeStage::ended) out.add("status", status.to_text());
  return out.text();
}

std::optional<FakeRun> FakeRun::from_text(std::string text) {
  const auto in = FieldText::parse(std::move(text));
  if (!in || in->find("stage").empty()) return std::nullopt;
  const auto instant = [&](std::string_view name) { return Instant{Duration(in->number(name))}; };
  FakeRun run;
  run.stage = static_cast<FakeStage>(in->number("stage"));
  run.script.duration = Duration(in->number("duration_us"));
  run.script.exit = {.code = static_cast<int>(in->number("code")), .signal = static_cast<int>(in->number("signal"))};
  run.script.ignores_term = in->number("ignores_term") != 0;
  run.start_at = instant("start_at_us");
  run.started_ms = in->number("started_ms");
  run.time_limit = Duration(in->number("time_limit_us"));
  run.grace = Duration(in->number("grace_us"));
  run.lease_until = instant("lease_until_us");
  if (!in->find("stop_at_us").empty()) run.stop_at = instant("stop_at_us");
  run.stop_by_lease = in->number("stop_by_lease") != 0;
  run.stop_words = in->find("stop_words");
  run.start_failure = in->find("start_failure");
  run.units = in->number("units");
  run.where = in->find("where");
  if (run.stage == FakeStage::ended)
    run.status = RunStatus::from_text(std::string(in->find("status"))).value_or(RunStatus{});
  return run;
}

}  // namespace hansa
