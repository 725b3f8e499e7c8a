#include "src/sim/workload.hpp"

#include <algorithm>

#include "src/sim/words.hpp"

namespace hansa::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Caller user{.user = "mei"};

}  // namespace

void Workload::plan(std::size_t jobs, Duration during) {
  for (std::size_t i = 0; i < jobs; ++i) {
    const auto site = rng_.below(federation_.sites().size());
    federation_.timeline().after(some_time(seconds(2), during), [this, i, site] {
      submit({.key = "key-" + std::to_string(i), .site = site, .submission = draw(site)});
    });
  }
}

ResourceRequest Workload::draw_resources() {
  ResourceRequest resources{.time_limit = seconds(90)};
  if (chance(0.3)) {
    resources.models = {"a100"};
    resources.per_node = {.accelerators = static_cast<std::uint32_t>(1 + rng_.below(4)), .cores = 1};
    if (chance(0.4)) resources.models.push_back("h800");
  } else {
    resources.per_node.cores = static_cast<std::uint32_t>(1 + rng_.below(4));
    if (chance(0.2)) resources.nodes = 2;
  }
  return resources;
}

Submission Workload::draw(std::size_t site) {
  JobRequest request{.name = "job" + std::to_string(rng_.below(5)), .user = user.user, .resources = draw_resources()};
  if (chance(0.35)) {
    request.on_partition = OnPartition::rerun;
    request.lease = some_time(seconds(40), seconds(90));
  }
  request.requeue = chance(0.2);
  if (chance(0.3)) request.bundle_bytes = 1u << 20;
  if (chance(0.3)) add_dependency(site, request);
  Submission submission;
  if (chance(0.15)) {
    for (std::int32_t task = 0; task < 3 + static_cast<std::int32_t>(rng_.below(6)); ++task) {
      submission.array.tasks.push_back(task);
    }
    if (chance(0.6)) submission.array.parallel_max = static_cast<std::uint32_t>(1 + rng_.below(3));
  }
  submission.held = chance(0.1);
  submission.request = std::move(request);
  return submission;
}

void Workload::add_dependency(std::size_t site, JobRequest& request) {
  if (chance(0.4)) {
    request.dependencies.push_back({.kind = DependencyKind::singleton, .job = {}});
    return;
  }
  const auto& known = acknowledged_[site];
  if (known.empty()) return;
  constexpr DependencyKind kinds[] = {DependencyKind::after_ok, DependencyKind::after_any,
                                      DependencyKind::after_not_ok};
  request.dependencies.push_back({.kind = kinds[rng_.below(3)], .job = known[rng_.below(known.size())]});
}

// Again under the same key until it is answered; some clients are impatient and ask twice.
void Workload::submit(Wanted wanted) {
  auto& site = *federation_.sites()[wanted.site];
  wanted.submission.idempotency_key = wanted.key;
  const auto answered = std::make_shared<bool>(false);
  site.call(user, SubmitJobs{{wanted.submission}}, [this, wanted, answered](const ApiReply& reply) {
    *answered = true;
    if (!reply) return federation_.log().line("refused: " + reply.error().text);
    const auto id = std::get<Submitted>(reply.value()).jobs.front();
    federation_.log().line("acknowledged: " + brief(id));
    federation_.judge().acknowledged(wanted.key, id, wanted.submission.array);
    auto& known = acknowledged_[wanted.site];
    if (std::find(known.begin(), known.end(), id) != known.end()) return;
    known.push_back(id);
    change_mind(wanted.site, id);
    if (wanted.submission.array.empty()) return;
    const auto& tasks = wanted.submission.array.tasks;
    change_mind(wanted.site, {.store = id.store, .number = id.number, .task = tasks[rng_.below(tasks.size())]});
  });
  const bool impatient = chance(0.1);
  federation_.timeline().after(impatient ? milliseconds(2) : seconds(10),
                               [this, wanted, answered, impatient]() mutable {
                                 constexpr int tries_max = 60;
                                 if ((*answered && !impatient) || ++wanted.tries > tries_max) return;
                                 submit(std::move(wanted));
                               });
}

void Workload::change_mind(std::size_t site, const JobId& job) {
  const auto later = [&](JobAct what, Duration max) {
    federation_.timeline().after(some_time(milliseconds(1), max), [this, site, what, job] { act(site, what, job); });
  };
  if (chance(0.15)) later(JobAct::cancel, chance(0.4) ? seconds(3) : seconds(60));
  if (chance(0.1)) {
    later(JobAct::hold, seconds(20));
    later(JobAct::release, seconds(60));
  }
  if (chance(0.05)) later(JobAct::rerun, seconds(60));
}

void Workload::act(std::size_t at, JobAct what, const JobId& job) {
  auto& site = *federation_.sites()[at];
  if (!site.is_up() || job.store != site.disk().id()) return;
  // From the moment of asking: the answer may get lost, the deed done all the same.
  if (what == JobAct::rerun) federation_.judge().reran_by_hand(job);
  static constexpr const char* words[] = {"cancel", "hold", "release", "rerun"};
  federation_.log().line(std::string("a user asks to ") + words[static_cast<std::size_t>(what)] + " " + brief(job));
  site.call(user, ActOnJob{.act = what, .job = {.site = site.name(), .number = job.number, .task = job.task}},
            [](const ApiReply&) {});
}

void Workload::wind_up() {
  for (std::size_t i = 0; i < federation_.sites().size(); ++i) {
    const auto& site = *federation_.sites()[i];
    if (!site.is_up()) continue;
    const auto& origin = site.controller().origin();
    std::vector<std::pair<JobAct, JobId>> deeds;
    for (const auto& [id, job] : origin.jobs()) {
      if (std::holds_alternative<Ended>(job.record.state)) continue;
      if (job.record.held) deeds.emplace_back(JobAct::release, id);
      if (origin.waiting_reason(id) == "DependencyNeverSatisfied") deeds.emplace_back(JobAct::cancel, id);
    }
    for (const auto& [what, id] : deeds) act(i, what, id);
  }
}

}  // namespace hansa::sim
