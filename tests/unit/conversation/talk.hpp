// A talk of two sites in frames, of which one side may be a recording.
//
// wujiang submits two jobs that only taihu can run, one of them under a lease, and taihu thinks about one call in two
// seconds, so that the second is declined at first. Live sites are whole ones (Controller, planner, disk, machine, and
// the Session of a link) in one thread under a virtual clock; the side that is a recording says what it said then, at
// the times at which it said it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/wire/session.hpp"
#include "src/sim/site.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::test {

struct Spoken {
  Instant at;
  SiteName from;
  std::string frame;
};
using Conversation = std::vector<Spoken>;

// One frame a line: microseconds, who, the bytes in hex, what they say.
std::string as_text(const Conversation& conversation);
Conversation from_text(const std::string& text);

inline const SiteName origin_name{"wujiang"};
inline const SiteName host_name{"taihu"};

class Talk {
 public:
  // Both live.
  Talk(ProtocolRange origin, ProtocolRange host);
  // `live` hears what the other side said in `recording`.
  Talk(const SiteName& live, ProtocolRange spoken, const Conversation& recording);

  void run();

  const Conversation& spoken() const { return spoken_; }
  const Controller& controller(const SiteName& site) const { return sides_.at(site)->site->controller(); }
  const Session& session(const SiteName& site) const { return sides_.at(site)->session; }
  std::size_t cut_offs() const { return cut_offs_; }
  std::size_t runs_started() const { return runs_started_; }

 private:
  struct Side {
    Session session;
    FakeSignatures signatures;
    std::unique_ptr<sim::SimSite> site;
  };

  void add(const SiteName& name, ProtocolRange spoken);
  sim::SimSurroundings surroundings(Side& side);
  void say(const SiteName& from, Message message);
  void hear(const SiteName& at, const SiteName& from, const std::string& frame);
  void submit(std::uint32_t accelerators, OnPartition on_partition);

  sim::Timeline timeline_;
  sim::EventLog log_{timeline_, false};
  std::map<SiteName, std::unique_ptr<Side>> sides_;
  Conversation spoken_;
  std::size_t cut_offs_ = 0;
  std::size_t runs_started_ = 0;
};

}  // namespace hansa::test
