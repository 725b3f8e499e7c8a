// What tests of the handoff arrange and expect, in few words: a machine beside its effects and its clock.
//
// HostKit is a host "taihu" whose origin is "wujiang"; OriginKit is the origin "wujiang" whose host is "taihu". Effects
// of the last deed are in `out`; each deed starts with an empty one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "hansa/types/rng.hpp"
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/origin.hpp"

namespace hansa::test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline const SiteName wujiang{"wujiang"};
inline const SiteName taihu{"taihu"};
inline const SiteName suzhou{"suzhou"};

inline StoreId store_of(std::uint8_t first) {
  StoreId id;
  id.bytes[0] = first;
  return id;
}
inline BidId bid_of(std::uint8_t first) {
  BidId id;
  id.bytes[0] = first;
  return id;
}
inline DaemonId daemon_of(std::uint8_t first) {
  DaemonId id;
  id.bytes[0] = first;
  return id;
}
inline BootId boot_of(std::uint8_t first) {
  BootId id;
  id.bytes[0] = first;
  return id;
}
inline JobId job_of(std::uint64_t number, std::int32_t task = JobId::no_task) {
  return {.store = store_of(1), .number = number, .task = task};
}
inline RunKey run_of(std::uint64_t number, std::uint64_t epoch) {
  return {.job = job_of(number), .epoch = Epoch{epoch}};
}

class CountingIds final : public IdSource {
 public:
  std::array<std::uint8_t, 16> draw() override {
    std::array<std::uint8_t, 16> bytes{};
    bytes[15] = ++count_;
    return bytes;
  }

 private:
  std::uint8_t count_ = 0;
};

// --- What effects hold ----------------------------------------------------------------------------------------------

template <class M>
std::vector<M> messages_in(const std::vector<Send>& sends, const SiteName& to) {
  std::vector<M> found;
  for (const auto& send : sends) {
    if (const auto* message = std::get_if<M>(&send.message); message && send.to == to) found.push_back(*message);
  }
  return found;
}
// Messages that wait for the disk.
template <class M>
std::vector<M> durable(const Effects& out, const SiteName& to) {
  return messages_in<M>(out.send_durable, to);
}
// Messages that leave at once.
template <class M>
std::vector<M> prompt(const Effects& out, const SiteName& to) {
  return messages_in<M>(out.send, to);
}
template <class T, class List>
std::vector<T> all_of_type(const List& list) {
  std::vector<T> found;
  for (const auto& each : list) {
    if (const auto* it = std::get_if<T>(&each)) found.push_back(*it);
  }
  return found;
}
// Exactly one such message leaves, after the disk.
template <class M>
M expect_send(const Effects& out, const SiteName& to) {
  const auto found = durable<M>(out, to);
  EXPECT_EQ(found.size(), 1u) << "messages after the disk";
  EXPECT_TRUE(prompt<M>(out, to).empty()) << "it must wait for the disk";
  return found.empty() ? M{} : found.front();
}
// Exactly one such message leaves, at once.
template <class M>
M expect_prompt(const Effects& out, const SiteName& to) {
  const auto found = prompt<M>(out, to);
  EXPECT_EQ(found.size(), 1u) << "messages at once";
  EXPECT_TRUE(durable<M>(out, to).empty()) << "it need not wait for the disk";
  return found.empty() ? M{} : found.front();
}
inline bool says_nothing(const Effects& out) {
  return out.send.empty() && out.send_durable.empty();
}
inline bool does_nothing(const Effects& out) {
  return says_nothing(out) && out.persist.empty() && out.backend.empty() && out.staging.empty();
}
// What the last record written of this run, or job, says.
inline std::optional<RunRecord> written(const Effects& out, const RunKey& run) {
  std::optional<RunRecord> last;
  for (const auto& put : all_of_type<PutRun>(out.persist)) {
    if (put.record.key == run) last = put.record;
  }
  return last;
}
inline std::optional<JobRecord> written(const Effects& out, const JobId& job) {
  std::optional<JobRecord> last;
  for (const auto& put : all_of_type<PutJob>(out.persist)) {
    if (put.record.id == job) last = put.record;
  }
  return last;
}

// --- Time -----------------------------------------------------------------------------------------------------------

struct TestClock {
  Instant instant{seconds(1'000)};

  operator Now() const { return {instant, WallTime{1'700'000'000'000 + instant.time_since_epoch().count() / 1000}}; }
};

// Lets time pass as a shell does: a tick at each deadline on the way. `out` gathers all that came of it.
template <class Machine>
void elapse(Machine& machine, TestClock& clock, Duration by, Effects& out) {
  const auto end = clock.instant + by;
  for (int ticks = 0; machine.deadline() && *machine.deadline() <= end; ++ticks) {
    ASSERT_LT(ticks, 10'000) << "the machine spins";
    clock.instant = std::max(clock.instant, *machine.deadline());
    machine.tick(clock, out);
  }
  clock.instant = end;
}

// --- The host's side ------------------------------------------------------------------------------------------------

struct HostKit {
  HostOptions options{.resend = {.first = seconds(1), .last = seconds(8)},
                      .renewals_per_lease = 8,
                      .stop_time = seconds(30),
                      .retention = minutes(10)};
  TestClock now;
  CountingIds ids;
  Host host{taihu, daemon_of(1), boot_of(1), options};
  Effects out;
  JobRequest request{.name = "frames", .user = "mei"};

  // Runs a deed with empty effects.
  template <class Deed>
  Effects& did(Deed deed) {
    out = {};
    deed();
    return out;
  }
  template <class M>
  Effects& hear(const SiteName& from, const M& message) {
    return did([&] {
      if constexpr (requires { host.step(now, from, message, out); }) {
        host.step(now, from, message, out);
      } else {
        host.step(now, from, message);
      }
    });
  }
  template <class E>
  Effects& event(const E& event) {
    return did([&] { host.step(now, event, out); });
  }

  BidId bid(const SiteName& caller = wujiang) {
    return host.bidder().mint(ids, caller, request, now.instant + seconds(10));
  }
  Effects& award(const RunKey& run, const BidId& bid, const SiteName& from = wujiang,
                 std::optional<DeclineReason> refusal = {}) {
    return did([&] {
      host.step(now, from, AwardTask{.bid = bid, .run = run, .request = request, .payload = {}}, refusal, out);
    });
  }
  // Awarded under a fresh bid; the number of its Accepted.
  GrantNumber accept(const RunKey& run) {
    award(run, bid());
    return expect_send<Accepted>(out, wujiang).number;
  }
  Effects& confirm(const RunKey& run) {
    const auto number = accept(run);
    return hear(wujiang, Confirm{.run = run, .number = number});
  }
  static Allocation two_nodes() {
    return {.pool = "cpu", .per_node = {.cores = 1}, .nodes = {{.node = 3}, {.node = 4}}};
  }
  Effects& issue_start(const RunKey& run) {
    return did([&] { host.start(now, run, two_nodes(), out); });
  }
  void confirm_and_issue_start(const RunKey& run) {
    confirm(run);
    issue_start(run);
  }
  Effects& start(const RunKey& run) {
    confirm_and_issue_start(run);
    return event(RunStarted{.run = run, .at = {5}});
  }
  Effects& end(const RunKey& run, Outcome outcome = {}) { return event(RunEnded{.run = run, .outcome = outcome}); }
  Effects& finish(const RunKey& run, Outcome outcome = {}) {
    start(run);
    end(run, outcome);
    return event(OutputsCollected{.run = run});
  }
  Effects& revoke(const RunKey& run, RevokeMode mode = RevokeMode::always, const BidId& bid = {}) {
    return hear(wujiang, Revoke{.run = run, .bid = bid, .mode = mode});
  }
  Effects& pass(Duration by) {
    return did([&] { elapse(host, now, by, out); });
  }

  RunState state(const RunKey& run) const { return host.find(run)->record.state; }
  // The daemon dies and another takes up what was written: all of it, as each test commits at once.
  void restart(std::uint8_t daemon = 2, std::uint8_t boot = 1) {
    std::vector<RunRecord> records;
    for (const auto& [key, run] : host.runs()) records.push_back(run.record);
    restart_from(std::move(records), daemon, boot);
  }
  void restart_from(std::vector<RunRecord> records, std::uint8_t daemon = 2, std::uint8_t boot = 1) {
    host = Host(taihu, daemon_of(daemon), boot_of(boot), options);
    did([&] { host.restore(now, std::move(records), out); });
  }
  Effects& found(const RunKey& run, FoundState state, Outcome outcome = {}, bool by_lease = false) {
    return event(RunFound{.run = run, .state = state, .outcome = outcome, .by_lease = by_lease});
  }
};

// --- The origin's side ----------------------------------------------------------------------------------------------

struct OriginKit {
  OriginOptions options{.resend = {.first = seconds(1), .last = seconds(8)},
                        .award_patience = seconds(10),
                        .drift_bound = 0.01,
                        .lease_margin = seconds(10),
                        .array_window = 256,
                        .history = minutes(10)};
  TestClock now;
  Origin origin{wujiang, store_of(1), options};
  Effects out;
  JobRequest request{.name = "frames", .user = "mei"};

  template <class Deed>
  Effects& did(Deed deed) {
    out = {};
    deed();
    return out;
  }
  template <class M>
  Effects& hear(const SiteName& from, const M& message) {
    return did([&] { origin.step(now, from, message, out); });
  }

  JobId submit(Submission submission = {}) {
    if (*submission.request == JobRequest{}) submission.request = request;
    out = {};
    const auto id = origin.submit(now, submission, out);
    EXPECT_TRUE(id.ok()) << (id.ok() ? "" : id.error().text);
    return id.ok() ? *id : JobId{};
  }
  Effects& award(const JobId& id, const SiteName& host = taihu, std::uint8_t bid = 7) {
    return did([&] { origin.award(now, id, {.host = host, .store = store_of(2), .bid = bid_of(bid)}, out); });
  }
  RunKey run(const JobId& id) const { return {.job = id, .epoch = origin.find(id)->record.epoch}; }
  // Submitted and awarded to taihu.
  JobId awarded() {
    const auto id = submit();
    award(id);
    return id;
  }
  static GrantNumber number(std::uint64_t count) { return {.daemon = daemon_of(9), .count = count}; }
  JobId delegated() {
    const auto id = awarded();
    hear(taihu, Accepted{.run = run(id), .number = number(1)});
    return id;
  }
  JobId started() {
    const auto id = delegated();
    hear(taihu, Progress{.run = run(id), .phase = RunPhase::running});
    return id;
  }
  JobId finished(FinalState state = FinalState::completed) {
    const auto id = delegated();
    hear(taihu, Finished{.run = run(id), .outcome = {.state = state}});
    return id;
  }
  Effects& pass(Duration by) {
    return did([&] { elapse(origin, now, by, out); });
  }
  Effects& cancel(const JobId& id) {
    return did([&] { EXPECT_TRUE(origin.cancel(now, id, out).ok()); });
  }
  void restart() {
    std::vector<JobRecord> records;
    for (const auto& [id, job] : origin.jobs()) records.push_back(job.record);
    origin = Origin(wujiang, store_of(1), options);
    did([&] { origin.restore(now, std::move(records), 0, out); });
  }

  const JobRecord& record(const JobId& id) const { return origin.find(id)->record; }
  template <class S>
  const S* state(const JobId& id) const {
    return std::get_if<S>(&record(id).state);
  }
  bool pending(const JobId& id) const { return state<Pending>(id) != nullptr; }
  std::optional<FinalState> final_state(const JobId& id) const {
    const auto* ended = state<Ended>(id);
    return ended ? std::optional(ended->outcome->state) : std::nullopt;
  }
};

}  // namespace hansa::test
