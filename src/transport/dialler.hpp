// Dialler: one attempt to reach a peer at one endpoint, and the connection that it becomes.
//
// It is up when the peer has answered our greeting; whatever ends it ends it for good. Who is at the other end is sure
// before a byte is exchanged: CURVE speaks to the holder of the peer's key only.
#pragma once

#include <string>
#include <string_view>

#include "src/transport/reactor.hpp"

namespace hansa::transport {

class DiallerEvents {
 public:
  virtual ~DiallerEvents() = default;
  virtual void on_dialled_up(Run run) = 0;
  virtual void on_dialled_message(std::string_view message) = 0;
  // After this the dialler says nothing more.
  virtual void on_dialled_lost() = 0;
};

class Dialler : public Pollable {
 public:
  Dialler(Reactor& reactor, Lane lane, const TransportKey& peer, const std::string& endpoint, DiallerEvents& events);
  ~Dialler() override;

  bool up() const { return up_; }
  Clock::time_point greeted_by() const { return greeted_by_; }

  SendResult send(zmq::message_t& message);
  // Ends it without telling; it is then left to the reactor's graveyard.
  void close();

  bool serve() override;

 private:
  bool read_message();
  bool serve_monitor();
  void read_monitor();
  void take(std::string_view message);
  void greet();
  void fail();

  Reactor& reactor_;
  Lane lane_;
  DiallerEvents& events_;
  zmq::socket_t socket_;
  Monitor monitor_;
  PollableCall monitor_watch_{[this] { return serve_monitor(); }};
  int fd_, monitor_fd_;
  Clock::time_point greeted_by_;
  bool greeting_due_ = false;
  bool broken_ = false;  // what came in before still counts
  bool up_ = false;
  bool closed_ = false;
};

}  // namespace hansa::transport
