// Several sites' admission machines on one virtual clock: messages travel only between sites that let each other in, as
// at a real door, and may be lost by a seed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/admission/admissions.hpp"
#include "tests/support/fake_notary.hpp"

namespace hansa::test {

constexpr Duration hour = std::chrono::hours(1);
constexpr Duration day = 24 * hour;

struct TownSite {
  explicit TownSite(const std::string& site_name, const std::string& region, const AdmissionOptions& options);

  SiteName name;
  FakeNotary notary;
  std::unique_ptr<Admissions> admissions;
  std::map<std::string, std::string> documents;
  std::set<SiteName> linked;
  bool up = true;
  AdmissionOptions options;
  OwnIdentity own;

  // Only the disk survives.
  void restart(const Now& now);
};

class Town {
 public:
  explicit Town(std::uint64_t seed = 1) : rng_(seed) {}

  TownSite& add(const std::string& name, const std::string& region = "cn/east");
  TownSite& at(const std::string& name) { return *sites_.at(SiteName{name}); }
  Admissions& operator[](const std::string& name) { return *at(name).admissions; }

  void found(const std::string& name);
  InvitationLine invite(const std::string& sponsor, Invite call = {});
  // The newcomer's whole way in; what was answered.
  Enrolled enrol(const std::string& newcomer, const InvitationLine& line, Duration clock_ahead = Duration{0});
  Status join(const std::string& newcomer, const InvitationLine& line);
  // A sponsor that may admit others, and an ordinary member.
  void join_as_sponsor(const std::string& newcomer, const std::string& by);
  void join(const std::string& newcomer, const std::string& by);
  Status evict(const std::string& voter, const std::string& subject, bool subtree = false);
  Status leave(const std::string& name);

  // Everything is delivered, links follow the door, timers run.
  void elapse(Duration by);
  void settle() { elapse(std::chrono::seconds(30)); }
  void lose(unsigned percent) { loss_ = percent; }
  void take_down(const std::string& name);
  void cut(const std::string& a, const std::string& b, bool apart = true);

  Now now() const { return {now_, WallTime{1'700'000'000'000 + now_.time_since_epoch().count() / 1000}}; }
  // How a site sees another: "member", …; empty when it knows nothing.
  std::string seen(const std::string& by, const std::string& site);
  bool admits(const std::string& by, const std::string& site);
  // Puts a message before a site as if a peer had sent it.
  template <class Message>
  void tell(const std::string& to, const std::string& from, const Message& message) {
    Effects out;
    at(to).admissions->step(now(), SiteName{from}, message, out);
    perform(at(to), std::move(out));
  }
  // Whatever an operator does.
  template <class Act>
  auto act(const std::string& name, Act what) {
    Effects out;
    auto result = what(*at(name).admissions, out);
    perform(at(name), std::move(out));
    return result;
  }

 private:
  struct Mail {
    SiteName from, to;
    Message message;
  };
  void perform(TownSite& site, Effects out);
  void deliver();
  void refresh_links();
  bool lets_in(const TownSite& site, const TownSite& other) const;

  Rng rng_;
  Instant now_{std::chrono::hours(1)};
  unsigned loss_ = 0;
  std::map<SiteName, std::unique_ptr<TownSite>> sites_;
  std::deque<Mail> mail_;
  std::set<std::pair<SiteName, SiteName>> apart_;
  std::uint8_t drawn_ = 0;
};

}  // namespace hansa::test
