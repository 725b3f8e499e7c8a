// Engine: the transport's own thread. One turn: orders, frames to send, timers, then whatever the sockets have.
//
// Control goes first everywhere, and bulk one message at a time, so that a probe waits for one bulk frame at most.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/transport/door.hpp"
#include "src/transport/listener.hpp"
#include "src/transport/mailroom.hpp"
#include "src/transport/peers.hpp"
#include "src/transport/reactor.hpp"

namespace hansa::transport {

class Engine : public ListenerEvents {
 public:
  Engine(Reactor& reactor, Mailroom& mailroom);
  ~Engine() override;

  // Before run(): any number of endpoints a lane.
  Status listen(Lane lane, const std::vector<std::string>& endpoints);
  std::vector<std::string> endpoints(Lane lane) const;

  // Returns when it is ordered to stop.
  void run();

  bool on_accepted(Lane lane, std::string_view user_id, const std::string& routing_id, Run run) override;
  void on_accepted_message(Lane lane, std::string_view user_id, std::string_view message) override;
  void on_accepted_lost(Lane lane, std::string_view user_id) override;

 private:
  void turn();
  void say_goodbye();
  void carry_out(Command& command);
  void collect_announced();
  bool flush(Lane lane);
  void run_timers();
  int sleep_ms() const;

  Reactor& reactor_;
  Mailroom& mailroom_;
  Peers::Listeners listeners_;
  Peers peers_;
  Door door_;
  std::array<std::set<std::shared_ptr<Outbox>>, 2> waiting_;  // with frames that are not sent yet, by lane
  bool busy_ = false;                                         // there is more to send at once
  Clock::time_point deadline_ = never;
  bool stopping_ = false;
};

}  // namespace hansa::transport
