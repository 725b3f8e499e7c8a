// The link's shell: messages to frames and back, with one Session a peer. The transport itself owns its thread.
//
// A Hello may be lost, or come before the other side is ready. So it is repeated until the peer says something else: it
// says nothing else before it has read our Hello. And one side can lose a connection that stands for the other: a Hello
// from a peer that has heard ours is answered, but not twice within `greeting_answered_after`, or two could go on
// greeting each other for ever.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "actors/caf.hpp"
#include "actors/messages.hpp"
#include "actors/site.hpp"
#include "protocol/wire/session.hpp"

namespace hansa {

inline constexpr Duration greeting_answered_after = std::chrono::seconds(2);

class LinkActor : public caf::event_based_actor {
 public:
  LinkActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses);
  caf::behavior make_behavior() override;

 private:
  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  std::optional<Hello> hello_;
  std::map<SiteName, Session> sessions_;
  std::set<SiteName> up_;
  std::set<SiteName> unheard_;           // up, and have said nothing yet that proves they read our Hello
  std::map<SiteName, Instant> greeted_;  // when we last said Hello
  bool repeating_ = false;
  std::map<std::string, Instant> logged_;

  Session& session(const SiteName& peer);
  void link_changed(const LinkChanged& message);
  void greet(const GreetWith& message);
  void open(const SiteName& peer);
  void repeat_hello();
  void greet_again(const SiteName& peer);
  void greet_back(const SiteName& peer);
  void keep_repeating();
  void to_peers(ToPeers& message);
  void send(const SiteName& peer, std::vector<Message> messages, Haste haste);
  void frame_came(const FrameCame& message);
  void heard(const FrameCame& frame, Deliver delivered);
  void heard(const FrameCame& frame, const Drop& dropped);
  void heard(const FrameCame& frame, const CutOff& verdict);
  void cut_off(const SiteName& peer, Duration for_how_long);
  void log_rarely(const std::string& event, const SiteName& peer, const std::string& text);
};

}  // namespace hansa
