#include "tests/model/case.hpp"

namespace hansa::model {
namespace {

using enum Fault;

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  const auto add = [&](Case each) { cases.push_back(std::move(each)); };
  const auto times = [](unsigned steps, int origin_ms, double drift) {
    return LeaseTimes{.steps = steps,
                      .lease = std::chrono::seconds(4),
                      .rates = {std::chrono::milliseconds(origin_ms), std::chrono::seconds(1)},
                      .drift_bound = drift};
  };
  // --- Exhausted by every run of the tests.
  add({.name = "calm", .about = "two places are tried and nothing strikes"});
  add({.name = "crashes",
       .about = "each daemon crashes twice, all in transit is lost",
       .epochs = 1,
       .faults = {{origin_crash, 2}, {host_crash, 2}, {loss}}});
  add({.name = "answers",
       .about = "the host refuses, returns, or can't start what it has",
       .epochs = 1,
       .faults = {{refusal}, {return_}, {no_start}, {host_crash}, {loss}}});
  add({.name = "cancel",
       .about = "the user cancels while daemons crash",
       .epochs = 1,
       .faults = {{cancel}, {origin_crash}, {host_crash}, {loss}}});
  add({.name = "move",
       .about = "a better place is found while daemons crash",
       .epochs = 1,
       .faults = {{move}, {origin_crash}, {host_crash}, {loss}}});
  add({.name = "move-again", .about = "a moved job is placed again", .faults = {{move}, {origin_crash}, {give_up}}});
  add({.name = "rerun", .about = "a human gives a run up that may be alive", .faults = {{rerun}}});
  add({.name = "disk",
       .about = "the host's disk is lost, the origin crashes",
       .epochs = 1,
       .faults = {{disk_loss}, {origin_crash}, {loss}}});
  add({.name = "disk-cancel",
       .about = "the host's disk is lost, it crashes, the user cancels",
       .epochs = 1,
       .faults = {{disk_loss}, {host_crash}, {cancel}}});
  add({.name = "frozen",
       .about = "the host falls silent for ever; its user runs the job again or cancels it",
       .epochs = 1,
       .faults = {{freeze}, {rerun}, {cancel}, {loss}}});
  add({.name = "forget",
       .about = "an operator holds a host for dead that comes back, or stays dead; its user cancels",
       .epochs = 1,
       .faults = {{forget}, {freeze}, {cancel}, {loss}, {host_crash}}});
  add({.name = "forget-again",
       .about = "an operator holds a host for dead, the job is placed there again",
       .faults = {{forget}}});
  add({.name = "origin-disk",
       .about = "the origin's disk is lost, a new job has the number of the old",
       .epochs = 1,
       .faults = {{origin_disk_loss}, {loss}}});
  add({.name = "let-go",
       .about = "the origin falls silent, perhaps for ever; a host's operator holds it for dead",
       .epochs = 1,
       .faults = {{let_go}, {origin_freeze}, {host_crash}, {loss}}});
  add({.name = "own", .about = "the origin's own queue and a host", .own_queue = true, .faults = {{return_}}});
  add({.name = "outputs",
       .about = "runs leave files that are pulled home",
       .epochs = 1,
       .outputs = true,
       .faults = {{origin_crash}, {host_crash}, {loss}}});
  add({.name = "requeue",
       .about = "a node fails, and the job goes on elsewhere with its checkpoint",
       .requeue = true,
       .faults = {{node_failure}}});
  add({.name = "requeue-cancel",
       .about = "a node fails while the user cancels",
       .requeue = true,
       .faults = {{node_failure}, {cancel}}});
  add({.name = "two-hosts", .about = "two hosts, a better place is found", .sites = 3, .faults = {{move}}});
  add({.name = "two-jobs", .about = "two jobs at one host", .jobs = 2, .epochs = 1});
  add({.name = "lease",
       .about = "a run under a lease, then one at home",
       .own_queue = true,
       .times = times(6, 1000, 0)});
  add({.name = "lease-drift",
       .about = "the host's clock is slow, within the bound",
       .own_queue = true,
       .times = times(5, 1250, 0.25)});
  // --- For a long run.
  const auto add_long = [&](Case each) {
    each.is_long = true;
    add(std::move(each));
  };
  add_long({.name = "requeue-crash",
            .about = "a node fails, the job has a checkpoint, the origin crashes",
            .outputs = true,
            .requeue = true,
            .faults = {{node_failure}, {origin_crash}}});
  add_long({.name = "requeue-lossy",
            .about = "a node fails, both daemons crash, all in transit is lost",
            .outputs = true,
            .requeue = true,
            .faults = {{node_failure}, {origin_crash}, {host_crash}, {loss}}});
  add_long({.name = "crashes-again",
            .about = "two places, each daemon crashes, all in transit is lost",
            .faults = {{origin_crash}, {host_crash}, {loss}}});
  add_long({.name = "answers-again",
            .about = "two places, the host refuses, returns, or can't start what it has",
            .faults = {{refusal}, {return_}, {no_start}, {loss}}});
  add_long({.name = "move-loss",
            .about = "a moved job is placed again, all in transit is lost",
            .faults = {{move}, {host_crash}, {loss}}});
  add_long(
      {.name = "rerun-crash", .about = "a human gives a run up, the host crashes", .faults = {{rerun}, {host_crash}}});
  add_long(
      {.name = "rerun-loss", .about = "a human gives a run up, all in transit is lost", .faults = {{rerun}, {loss}}});
  add_long({.name = "rerun-cancel",
            .about = "a human gives a run up, then cancels, the origin crashes",
            .faults = {{rerun}, {cancel}, {origin_crash}}});
  add_long({.name = "disk-again", .about = "two places, the host's disk is lost", .faults = {{disk_loss}, {loss}}});
  add_long({.name = "frozen-again",
            .about = "a host falls silent for ever, before or after a second place is tried",
            .faults = {{freeze}, {rerun}}});
  add_long({.name = "frozen-cancel",
            .about = "a host falls silent for ever, a human runs the job again or cancels it",
            .faults = {{freeze}, {rerun}, {cancel}}});
  add_long({.name = "forget-crash",
            .about = "an operator holds a host for dead, the job is placed again, the origin crashes",
            .faults = {{forget}, {origin_crash}}});
  add_long({.name = "forget-two-hosts",
            .about = "one of two hosts is held for dead, or is",
            .sites = 3,
            .faults = {{forget}, {freeze}}});
  add_long({.name = "forget-own",
            .about = "a host is held for dead, the job goes home",
            .own_queue = true,
            .faults = {{forget}, {origin_crash}}});
  add_long({.name = "origin-disk-crash",
            .about = "the origin's disk is lost, the host crashes, the user cancels the new job",
            .epochs = 1,
            .faults = {{origin_disk_loss}, {host_crash}, {cancel}, {loss}}});
  add_long({.name = "own-crash",
            .about = "the origin's own queue and a host, the origin crashes",
            .own_queue = true,
            .faults = {{origin_crash}}});
  add_long({.name = "own-cancel",
            .about = "the origin's own queue and a host, the user cancels",
            .own_queue = true,
            .faults = {{cancel}, {move}}});
  add_long({.name = "two-hosts-crash", .about = "two hosts, one crashes", .sites = 3, .faults = {{host_crash}}});
  add_long({.name = "two-jobs-loss",
            .about = "two jobs at one host, all in transit is lost",
            .jobs = 2,
            .epochs = 1,
            .faults = {{loss}}});
  add_long({.name = "lease-crash",
            .about = "a run under a lease, the host crashes",
            .own_queue = true,
            .faults = {{host_crash}},
            .times = times(6, 1000, 0)});
  add_long({.name = "lease-origin",
            .about = "a run under a lease, the origin crashes",
            .own_queue = true,
            .faults = {{origin_crash}},
            .times = times(6, 1000, 0)});
  add_long({.name = "lease-reboot",
            .about = "a run under a lease, the host's machine reboots",
            .own_queue = true,
            .faults = {{reboot}},
            .times = times(6, 1000, 0)});
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
