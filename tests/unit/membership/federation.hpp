// A federation in one thread: a virtual clock, a network with latency, loss and cuts, sites that are slow, frozen,
// killed and restarted, and disks that take a moment. Everything follows from one seed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hansa/types/rng.hpp"
#include "protocol/membership/membership.hpp"

namespace hansa::testing {

using std::chrono::milliseconds;

SiteName site(int index);  // "s000", "s001", …
IdentityKey identity_of(const SiteName& name);

// Signatures as a keyed checksum: no secrecy, but what is changed after signing is found out.
class FakeSignatures : public Signatures {
 public:
  explicit FakeSignatures(SiteName name) : name_(std::move(name)) {}
  IdentityKey identity() const override { return identity_of(name_); }
  SignedRecord sign(SiteRecord record) const override;
  SignedDigest sign(CapacityDigest digest) const override;
  bool verify(const SignedRecord& record) const override;
  bool verify(const SignedDigest& digest, const IdentityKey& by) const override;

  mutable std::uint64_t checks_total = 0;

 private:
  SiteName name_;
};

std::size_t message_bytes(const Message& message);
const Gossip* gossip_in(const Message& message);

struct NetworkOptions {
  Duration latency = milliseconds(2);
  Duration jitter = milliseconds(1);
  double loss = 0;
  Duration disk = milliseconds(2);
};

class Federation {
 public:
  struct Host {
    SiteName name;
    std::unique_ptr<FakeSignatures> signatures;
    std::unique_ptr<Membership> machine;  // null while down
    std::map<std::string, std::uint64_t> facts;
    StoreId store;
    Duration slow_by{0};
    Instant frozen_until;
    std::uint64_t daemon = 0;
    std::vector<MembershipEvent> events;
    std::uint64_t bytes_sent = 0;
    std::uint64_t messages_sent = 0;
    std::size_t gossip_bytes_max = 0;  // of one message that is not push-pull
  };

  Federation(int sites, std::uint64_t seed, MembershipOptions options = {}, NetworkOptions network = {});

  // --- Time ----------------------------------------------------------------------------------------------------------
  void run_for(Duration duration);
  // Whether `done` became true within `limit`; it is asked ten times a period.
  bool run_until(const std::function<bool()>& done, Duration limit);
  Instant now() const { return now_; }
  double periods_since(Instant then) const { return seconds(now_ - then) / seconds(options_.period); }

  // --- What goes wrong -----------------------------------------------------------------------------------------------
  void start(int index);
  void kill(int index);
  void restart(int index) { kill(index), start(index); }
  void lose_store(int index);  // down only: comes back without facts, under a new store id
  void slow_down(int index, Duration by) { hosts_.at(site(index)).slow_by = by; }
  void freeze(int index, Duration duration) { hosts_.at(site(index)).frozen_until = now_ + duration; }
  void cut(int from, int to) { cuts_.insert({site(from), site(to)}); }
  void cut_both(int a, int b) { cut(a, b), cut(b, a); }
  void isolate(int index);
  void partition(int first_of_second_half);
  void heal() { cuts_.clear(); }

  // --- What is so ----------------------------------------------------------------------------------------------------
  int size() const { return static_cast<int>(hosts_.size()); }
  Host& host(int index) { return hosts_.at(site(index)); }
  Membership& at(int index) { return *host(index).machine; }
  bool up(int index) { return host(index).machine != nullptr; }
  MemberState seen(int by, int whom);
  bool knows(int by, int whom) { return up(by) && at(by).find(site(whom)) != nullptr; }
  // Every site that is up sees every other site that is up as alive.
  bool all_see_all_alive();
  // Every site that is up, but `whom` itself, sees `whom` so.
  bool all_see(int whom, MemberState state);
  // How often any site failed a member that was up.
  int false_failures() const { return false_failures_; }
  std::uint64_t checksum() const { return checksum_; }
  // Whether a site ever spoke an incarnation that was not on its disk.
  bool spoke_unpersisted() const { return spoke_unpersisted_; }
  CapacityDigest digest(int index, std::uint64_t units_free) const;
  SiteRecord record(int index);
  std::uint64_t units_free_seen(int by, int whom);

  // Hands a message to a site as if `from` had sent it.
  void inject(int from, int to, Message message);
  // Sees every message as it is sent.
  std::function<void(const SiteName& from, const SiteName& to, const Message&)> on_send;
  Effects effects;  // scratch for calls made by tests; perform(index) carries it out
  void perform(int index);
  Now clock() const { return {now_, WallTime{1'700'000'000'000 + now_.time_since_epoch().count() / 1000}}; }

 private:
  struct Event {
    SiteName to;
    std::uint64_t daemon = 0;
    std::function<void(Host&)> act;
  };
  void handle_next();
  void schedule(Instant at, Event event) { queue_.emplace(std::pair(at, ++order_), std::move(event)); }
  void arm(Host& host);
  void carry_out(Host& host, Effects effects);
  void transmit(Host& from, const Send& send);
  void deliver(Host& to, const SiteName& from, const Message& message);
  void watch(Host& host);
  void watch_incarnation(const Host& host, const Message& message);
  void note(std::uint64_t value) { checksum_ = (checksum_ ^ value) * 0x100000001b3u; }

  MembershipOptions options_;
  NetworkOptions network_;
  Rng rng_;
  Instant now_;
  std::uint64_t order_ = 0;
  std::map<SiteName, Host> hosts_;
  std::map<std::pair<Instant, std::uint64_t>, Event> queue_;
  std::map<SiteName, std::pair<Instant, std::uint64_t>> timers_;  // where in the queue a site's timer stands
  std::set<std::pair<SiteName, SiteName>> cuts_;
  int false_failures_ = 0;
  bool spoke_unpersisted_ = false;
  bool in_push_pull_ = false;
  std::uint64_t checksum_ = 0xcbf29ce484222325u;
};

}  // namespace hansa::testing
