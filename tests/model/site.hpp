// Site: one member of the small world, whole: its daemon (the machines under proof), its disk, its runs, and what a
// witness remembers of it. A value; a deed takes it from one state to the next.
//
// Memory and disk differ until a flush: batches wait in the order of their issue, a crash forgets them, and what was
// to follow them waits in the same DurableQueue as in the daemon. Any prefix of them may be on disk when it crashes.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "protocol/handoff/host.hpp"
#include "protocol/handoff/origin.hpp"
#include "protocol/perform.hpp"
#include "tests/model/machine.hpp"

namespace hansa::model {

struct Disk {
  std::map<JobId, JobRecord> jobs;
  std::map<RunKey, RunRecord> runs;
  std::uint64_t job_number = 0;
  std::deque<std::pair<BatchNumber, std::vector<StoreRecord>>> batches;  // issued, not there yet
};

// What nobody in the world knows, and the judge does.
struct Witness {
  RunSet given_up = 0;                        // by a human's word, though they may be alive
  std::array<RunSet, sites_max> delegated{};  // were on the origin's disk as Delegated, by host
  std::uint8_t acknowledged = 0;              // jobs
  std::uint8_t cancel_asked = 0;
  std::uint8_t cancel_acknowledged = 0;
  RunSet started = 0;  // here, ever
  RunSet ended_alone = 0;
  RunSet said_over = 0;  // the host said that it does not run here
  RunSet lost = 0;       // started under a store that was lost
  RunSet let_go = 0;     // by this host's operator
  RunSet failed = 0;     // died with its node

  bool operator==(const Witness&) const = default;
};

// What a deed lets out of the site.
struct Outcomes {
  std::vector<Send> sent;
  std::string broken;  // the promise that this very step broke
};

struct Site {
  Site(const Case& world, SiteIndex index);

  const Case* world;
  SiteIndex index;
  std::uint8_t store = 0;  // losses of the disk
  std::uint8_t life = 0;   // of the daemon
  std::uint8_t boot = 0;   // of the machine
  bool ready = false;      // nothing of an older store runs any more
  bool frozen = false;
  std::array<std::uint8_t, sites_max> known_store{};  // of the others, as membership says; 0xff: nothing yet
  Instant origin_clock;
  Instant host_clock;
  Origin origin;
  Host host;
  DurableQueue queue;
  Disk disk;
  Machine machine;
  Witness witness;

  // --- The daemon.
  void start(Outcomes& out);  // from what is on disk
  void crash(Outcomes& out);
  void lose_disk(Outcomes& out);
  void reboot(Outcomes& out);
  BatchNumber write(Outcomes& out);  // the next batch is on disk
  void flush(Outcomes& out);         // … and what waited for it is set free
  void carry_out(Effects effects, Outcomes& out);
  void hear(SiteIndex from, const Message& message, bool refuses, Outcomes& out);
  void take_event(Outcomes& out);
  void tick_origin(Instant now, Outcomes& out);
  void tick_host(Instant now, Outcomes& out);
  // Disk, machine and timers answer at once, as they do in a case with leases: how late they may be is for the others
  // to show.
  void settle(Outcomes& out);

  // --- Users, membership, the market.
  void submit(std::size_t job, Outcomes& out);
  void cancel(std::size_t job, Outcomes& out);
  void rerun(std::size_t job, Outcomes& out);
  void submit_anew(Outcomes& out);
  void forget(SiteIndex host, bool for_good, Outcomes& out);
  void let_go(Outcomes& out);
  void award(std::size_t job, SiteIndex to, std::uint8_t to_store, const BidId& bid, Outcomes& out);
  void go_home(std::size_t job, Outcomes& out);
  BidId mint(std::size_t job, std::uint64_t epoch);
  void learn(SiteIndex peer, std::uint8_t store_now, Outcomes& out);

  Now origin_now() const { return {origin_clock, {1}}; }
  Now host_now() const { return {host_clock, {1}}; }
  const Origin::Job* job(std::size_t which) const { return origin.find(job_id(which)); }
  bool alive(const RunKey& run) const;

 private:
  struct Performer;
  template <class Timed>
  void tick(Timed& timed, Instant& clock, Outcomes& out, Instant now);
  Confirm with_live_number(const Confirm& message, SiteIndex from) const;
};

// Replies to a cancel have this added to the job's number; those to a submission are the number. Those to a forget
// have this other one added to the host's.
inline constexpr std::uint64_t cancel_ticket = 100;
inline constexpr std::uint64_t forget_ticket = 200;

// How far apart the timers of a timeless case are: what repeats, what loses patience, what forgets.
inline constexpr Duration repeat_wait = std::chrono::seconds(1);
inline constexpr Duration patience = std::chrono::seconds(100'000);
inline constexpr Duration memory = std::chrono::seconds(1'000'000'000);

// What is wrong with saying this now, or with this coming to the disk; nothing for most.
std::string judge_saying(const Site& site, const Send& send);
std::string judge_writing(const Site& site, const StoreRecord& record);
// What the witness takes from it.
void witness_saying(Site& site, const Send& send);
void witness_writing(Site& site, const StoreRecord& record);

}  // namespace hansa::model
