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
  add({.name = "two-hosts", .about = "two hosts", .sites = 3, .faults = {{host_crash}, {loss}}});
  add({.name = "two-jobs", .about = "two jobs at one host", .jobs = 2, .epochs = 1, .faults = {{loss}}});
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
