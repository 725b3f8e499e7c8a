// An array as one job: what its tasks have come to, together.
//
// Tasks are jobs of their own from when they are split off, and the array's own record ends with the last of them.
// Who asks for the array wants to hear of its tasks: it runs while one of them runs, and has ended when all have, as
// COMPLETED only if each did.
#include <algorithm>
#include <array>
#include <map>

#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

// What is said of many that are in several states: the one that is furthest on its way.
constexpr std::array<std::string_view, 5> furthest_first = {"RUNNING", "COMPLETING", "CONFIGURING", "UNKNOWN",
                                                            "PENDING"};

class TaskSum {
 public:
  void add(std::string_view state, std::size_t count = 1) {
    if (count > 0) states_[std::string(state)] += count;
  }
  void add(const Ended& ended) {
    const auto& outcome = *ended.outcome;
    add(to_word(outcome.state));
    // The worst of them stands for all: one that failed before any that completed, then the highest exit code.
    const auto rank = [](const Outcome& o) { return std::pair(o.state != FinalState::completed, o.exit.code); };
    if (!decides_ || rank(outcome) > rank(*decides_)) decides_ = &outcome;
    ended_ = std::max(ended_, outcome.ended.unix_ms);
  }

  void describe(JobView& view) const {
    view.reason.clear();
    for (const auto& [state, count] : states_)
      view.reason += (view.reason.empty() ? "" : ", ") + std::to_string(count) + " " + state;
    const auto state = std::find_if(furthest_first.begin(), furthest_first.end(),
                                    [&](auto word) { return states_.contains(std::string(word)); });
    view.outputs_home = state == furthest_first.end();
    view.outcome.reset();
    if (!view.outputs_home) {
      view.state = *state;
      return;
    }
    if (decides_ == nullptr) return;
    view.state = to_word(decides_->state);
    view.ended = {ended_};
    view.outcome = Outcome{.state = decides_->state, .exit = decides_->exit, .reason = view.reason, .ended = {ended_}};
  }

 private:
  std::map<std::string, std::size_t> states_;
  const Outcome* decides_ = nullptr;
  std::int64_t ended_ = 0;
};

bool is_task_of(const JobId& id, const JobId& array) {
  return id.store == array.store && id.number == array.number && id.task != JobId::no_task;
}

}  // namespace

JobView Controller::view_whole(Now now, const Origin::Job& job) const {
  auto view = this->view(now, job);
  const auto& array = job.record.id;
  if (!origin_.has_tasks(array)) return view;
  TaskSum sum;
  sum.add("PENDING", job.record.array->tasks.size());
  const auto* own = std::get_if<Ended>(&job.record.state);
  if (own && own->outcome->state != FinalState::completed) sum.add(*own);  // cancelled before all were split off
  const auto& jobs = origin_.jobs();
  for (auto task = jobs.upper_bound(array); task != jobs.end() && is_task_of(task->first, array); ++task) {
    const auto* ended = std::get_if<Ended>(&task->second.record.state);
    if (ended && ended->outputs_home) {
      sum.add(*ended);
    } else {
      sum.add(state_of(task->second));
    }
  }
  sum.describe(view);
  return view;
}

// Nothing more will come of it, its outputs included; of an array: of none of its tasks.
bool Controller::is_over(const Origin::Job& job) const {
  const auto settled = [](const JobRecord& record) {
    const auto* ended = std::get_if<Ended>(&record.state);
    return ended && ended->outputs_home && record.array->empty();
  };
  const auto& id = job.record.id;
  if (!settled(job.record)) return false;
  if (id.task != JobId::no_task) return true;
  if (origin_.active_tasks(id) > 0) return false;
  const auto& jobs = origin_.jobs();
  for (auto task = jobs.upper_bound(id); task != jobs.end() && is_task_of(task->first, id); ++task) {
    if (!settled(task->second.record)) return false;
  }
  return true;
}

}  // namespace hansa
