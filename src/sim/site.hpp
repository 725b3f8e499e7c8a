// SimSite: one simulated site. A Controller as in a daemon, around it a disk, a machine and a porter that outlive it.
//
// It does what the actors do, with the same perform(): an event in, one step of the brain, its effects executed, the
// one timer armed. crash() ends the daemon at any point between two events; start() makes a new one of what is durable.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hansa/score.hpp"
#include "protocol/controller/controller.hpp"
#include "protocol/perform.hpp"
#include "src/sim/clock.hpp"
#include "src/sim/disk.hpp"
#include "src/sim/event_log.hpp"
#include "src/sim/machine.hpp"
#include "src/sim/porter.hpp"

namespace hansa::sim {

// Ids that repeat with the seed.
class SeededIds final : public IdSource {
 public:
  explicit SeededIds(std::uint64_t seed) : rng_(seed) {}
  std::array<std::uint8_t, 16> draw() override {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
      const auto word = rng_.next();
      for (std::size_t k = 0; k < 8; ++k) bytes[i + k] = static_cast<std::uint8_t>(word >> (8 * k));
    }
    return bytes;
  }

 private:
  Rng rng_;
};

struct SimSiteOptions {
  ControllerOptions controller;
  std::vector<Pool> pools;
  std::uint64_t seed = 0;
  Duration commit_min = std::chrono::microseconds(100);
  Duration commit_spread = std::chrono::milliseconds(5);
  // From a word to the backend until it is heard, and back.
  Duration backend_delay = std::chrono::microseconds(50);
};

class SimSite;

// Whom a site talks to, and who looks on.
struct SimSurroundings {
  Timeline& timeline;
  EventLog& log;
  const Signatures& signatures;
  std::function<void(const SiteName& from, const SiteName& to, Message message)> send;
  std::function<bool(const SiteName& a, const SiteName& b)> reachable;
  std::function<RunPlan(const RunKey& run)> plan;
  // Witnesses.
  std::function<void(const SiteName& at, const StoreRecord& record)> durable;
  std::function<void(const SiteName& at, const Send& send)> leaves;
  std::function<void(const SiteName& at, const StartRun& command)> started;
  std::function<void(const SiteName& at, const RunKey& run)> ended;
  // The daemon ends now, in this way.
  std::function<void(const SiteName& at, void (SimSite::*how)())> falls;
};

class SimSite {
 public:
  SimSite(SimSiteOptions options, SimSurroundings around);

  void start(const std::vector<KnownSite>& peers);
  // As on SIGTERM: what can be handed back is; the end comes with crash().
  void say_goodbye();
  void crash();
  void lose_power();  // the daemon and every run with it
  void lose_disk();   // a new store in its place; the machine and its runs are still there
  void fail_store();  // a commit ended in an error: the daemon ends itself
  // Something that happens in the midst of the next commit.
  void in_next_write(std::function<void()> what) { in_next_write_ = std::move(what); }
  // Something that happens right after the first event of which `sign` says so; it is asked after each.
  using Sign = std::function<bool(const SimSite& site)>;
  void at_sign(Sign sign, std::function<void()> what) { ambush_ = {std::move(sign), std::move(what)}; }
  bool is_up() const { return controller_ != nullptr; }
  std::uint64_t life() const { return life_; }

  void receive(const SiteName& from, const Message& message);
  void link(const SiteName& peer, bool up);
  // The answer may never come: daemons crash.
  void call(const Caller& caller, const ApiCall& call, std::function<void(const ApiReply&)> answer);
  void set_slow_disk(bool slow) { slow_disk_ = slow; }
  // Little room: nothing new is taken in. No room: commits, starts and files wait as well.
  void set_low_space(bool low);
  void set_full_disk(bool full);
  // The next commit ends in an error, and the daemon with it.
  void fail_next_write() { disk_.fail_next(); }
  // The disk is as it should be, and nothing waits to go wrong. Its clock goes on as it does.
  void forget_faults();
  SiteClock& clock() { return clock_; }
  // Whether the crash that ended its last life left the commit on the disk that was being written then; nothing when
  // none was.
  std::optional<bool> last_write_landed() const { return last_write_landed_; }
  Porter& porter() { return porter_; }

  const SiteName& name() const { return options_.controller.site; }
  const Controller& controller() const { return *controller_; }
  const Disk& disk() const { return disk_; }
  const Machine& machine() const { return machine_; }
  const std::vector<Pool>& pools() const { return options_.pools; }
  const Planner& planner() const { return *planner_; }
  // Nothing waits for the disk.
  bool is_written() const { return durable_.is_clear(); }
  bool is_writing() const { return disk_.is_writing(); }

  // The World of perform().
  void send(Send message);
  void publish(const FederationEvent&) {}
  void cut_off(const SiteName&) {}
  void commit(BatchNumber batch, std::vector<StoreRecord> records);
  void release(DurablePart part);

 private:
  template <class Step>
  void dispatch(Step step);
  void flush();
  void arm();
  void note(const std::string& text) { around_.log.line(name().value + ": " + text); }
  template <class Event>
  void soon(Event event);
  Disk::Owner disk_owner();
  Duration commit_time();
  void tell_disk_state();
  void look_for_sign();
  Duration some_time(Duration min, Duration spread);

  SimSiteOptions options_;
  SimSurroundings around_;
  Rng rng_;
  SeededIds ids_;
  SiteClock clock_;
  Disk disk_;
  Machine machine_;
  Porter porter_;
  BootId boot_;
  std::unique_ptr<Controller> controller_;
  Planner* planner_ = nullptr;
  DurableQueue durable_;
  std::deque<Send> to_self_;
  std::map<Ticket, std::function<void(const ApiReply&)>> answers_;
  Ticket last_ticket_;
  Instant armed_ = end_of_time;
  std::uint64_t life_ = 0;
  bool slow_disk_ = false;
  bool low_space_ = false;
  std::function<void()> in_next_write_;
  std::pair<Sign, std::function<void()>> ambush_;
  std::optional<bool> last_write_landed_;
  bool greeted_ = false;
  std::vector<SiteName> links_;
};

}  // namespace hansa::sim
