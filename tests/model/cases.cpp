#include "tests/model/case.hpp"

namespace hansa::model {
namespace {

using enum Fault;

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  const auto add = [&](Case each) { cases.push_back(std::move(each)); };
  add({.name = "calm", .about = "two places are tried and nothing strikes"});
  add({.name = "crashes",
       .about = "both daemons crash, all in transit is lost",
       .epochs = 1,
       .faults = {{origin_crash, 2}, {host_crash, 2}, {loss}}});
  add({.name = "answers",
       .about = "the host refuses, returns, or can't start what it has",
       .faults = {{refusal}, {return_}, {no_start}, {loss}}});
  add({.name = "cancel",
       .about = "the user cancels while daemons crash",
       .epochs = 1,
       .faults = {{cancel}, {origin_crash}, {host_crash}, {loss}}});
  add({.name = "move", .about = "a better place is found", .faults = {{move}, {host_crash}, {loss}}});
  add({.name = "move-crash", .about = "a better place is found", .faults = {{move}, {origin_crash}, {give_up}}});
  add({.name = "rerun",
       .about = "a human gives a run up that may be alive",
       .faults = {{rerun}, {host_crash}, {loss}}});
  add({.name = "rerun-cancel", .about = "rerun, return", .faults = {{rerun}, {cancel}, {origin_crash}, {give_up}}});
  add({.name = "disk", .about = "the host's disk is lost", .faults = {{disk_loss}, {loss}, {cancel}}});
  add({.name = "disk-origin", .about = "the host's disk is lost", .faults = {{disk_loss}, {origin_crash}}});
  add({.name = "frozen", .about = "a host falls silent for ever", .sites = 3, .faults = {{freeze}, {rerun}, {loss}}});
  add({.name = "own",
       .about = "the origin's own queue and one host",
       .own_queue = true,
       .faults = {{origin_crash}, {move}}});
  add({.name = "own-cancel",
       .about = "the origin's own queue and one host",
       .own_queue = true,
       .faults = {{cancel}, {loss}, {return_}}});
  add({.name = "outputs",
       .about = "outputs are pulled home",
       .epochs = 1,
       .outputs = true,
       .faults = {{origin_crash}, {host_crash}, {loss}}});
  add({.name = "disk-small", .about = "", .epochs = 1, .faults = {{disk_loss}, {origin_crash}, {loss}}});
  add({.name = "disk-2", .about = "", .epochs = 1, .faults = {{disk_loss}, {host_crash}, {cancel}}});
  add({.name = "answers-small", .about = "", .epochs = 1, .faults = {{refusal}, {return_}, {no_start}, {loss}, {host_crash}}});
  add({.name = "move-small", .about = "", .epochs = 1, .faults = {{move}, {host_crash}, {origin_crash}, {loss}}});
  add({.name = "own-small", .about = "", .epochs = 2, .own_queue = true, .faults = {{return_}}});
  add({.name = "frozen-small", .about = "", .epochs = 2, .faults = {{freeze}, {rerun}, {cancel}}});
  add({.name = "rerun-small", .about = "", .epochs = 2, .faults = {{rerun}, {host_crash}}});
  add({.name = "rerun-loss", .about = "", .epochs = 2, .faults = {{rerun}, {loss}}});
  add({.name = "two-hosts-calm", .about = "", .sites = 3, .faults = {{move}}});
  add({.name = "two-jobs-calm", .about = "", .jobs = 2, .epochs = 1});
  add({.name = "two-hosts", .about = "two hosts", .sites = 3, .faults = {{host_crash}, {loss}}});
  add({.name = "two-jobs", .about = "two jobs at one host", .jobs = 2, .epochs = 1, .faults = {{loss}}});
  const auto times = [](unsigned steps, int origin_ms, double drift) {
    return LeaseTimes{.steps = steps, .lease = std::chrono::seconds(4), .rates = {std::chrono::milliseconds(origin_ms), std::chrono::seconds(1)}, .drift_bound = drift};
  };
  add({.name = "lease", .about = "a run under a lease", .own_queue = true, .faults = {{loss}}, .times = times(8, 1000, 0)});
  add({.name = "lease-crash", .about = "a run under a lease", .own_queue = true, .faults = {{host_crash}}, .times = times(7, 1000, 0)});
  add({.name = "lease-origin", .about = "a run under a lease", .own_queue = true, .faults = {{origin_crash}}, .times = times(7, 1000, 0)});
  add({.name = "lease-reboot", .about = "a run under a lease", .own_queue = true, .faults = {{reboot}}, .times = times(7, 1000, 0)});
  add({.name = "lease-drift", .about = "a run under a lease", .own_queue = true, .faults = {{cancel}}, .times = times(7, 1250, 0.25)});
  return cases;
}

}  // namespace

const std::vector<Case>& all_cases() {
  static const auto cases = make_cases();
  return cases;
}

const Case* find_case(std::string_view name) {
  for (const auto& each : all_cases()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace hansa::model
