// Copier: leaves copies of this origin's job records with a few peers, in case this site is lost.
//
// Whoever asks for a job of an absent site should find what was last known of it. So each change of a record is due to
// each holder, and is sent when there is time: small batches, one under way to each holder, with a pause between them,
// so that no copy delays a probe or a renewal. A job that changes often is sent once for many changes. A holder that
// is new, or that this daemon does not know to have been one, gets everything.
//
// Invariants: (1) nothing is copied that is not on this site's disk; (2) what a holder did not confirm is sent again;
// (3) copies bind nobody: only the origin's own record decides. See docs/protocol/06-copies.md.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocol/effects.hpp"
#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/timers.hpp"

namespace hansa {

struct CopierOptions {
  // How many peers keep copies. More survive more losses and cost as much traffic each.
  std::size_t holders = 2;
  // What one message carries, and how long to wait between two to one holder. Together they bound what copies take of
  // a line: about 100 kB a second to each holder, and a few messages.
  std::size_t records_max = 64;
  std::size_t bytes_max = 24u << 10;
  Duration pause = std::chrono::milliseconds(250);
  Backoff resend{.first = std::chrono::seconds(5), .last = std::chrono::minutes(1)};
};

class Copier {
 public:
  Copier(SiteName self, DaemonId daemon, CopierOptions options);

  // Who is there to keep copies.
  void set_live(Now now, const std::vector<SiteName>& live, const Origin& origin);
  // It lost its store, and with it every copy: when it is chosen again it gets everything.
  void store_lost(const SiteName& holder) { holders_.erase(holder); }
  // This job's record changed, or is gone.
  void changed(Now now, const JobId& job);
  void step(Now now, const SiteName& from, const CopiesKept& message);
  void tick(Now now, const Origin& origin, Effects& out);
  std::optional<Instant> deadline() const;

  std::vector<SiteName> holders() const;
  // Copies that still have to be sent, to all holders together.
  std::size_t due() const;

 private:
  struct Holder {
    std::set<JobId> due;
    std::vector<JobId> under_way;
    JobId last{};  // the last one sent: the next comes after it, so that none has to wait for ever
    std::uint64_t number = 0;
    std::uint32_t tries = 0;
    Instant next{};
  };

  SiteName self_;
  DaemonId daemon_;
  CopierOptions options_;
  std::map<SiteName, Holder> holders_;
  std::uint64_t last_number_ = 0;

  void send(Now now, const SiteName& to, Holder& holder, const Origin& origin, Effects& out);
  static std::optional<JobId> take_next(Holder& holder);
};

// What a copy has of a record: what others may need, and no more.
JobRecord copied(const JobRecord& record);

}  // namespace hansa
