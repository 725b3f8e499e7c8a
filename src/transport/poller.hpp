// Poller: waits for many ZeroMQ sockets at a cost that grows with those that have something to do.
//
// zmq_poll asks every socket at every turn. A ZeroMQ descriptor, though, only says "look": it becomes readable when
// something changed, and any operation on the socket may swallow that. So whoever sends on a socket, or stops reading
// it before it is empty, says again(), and the socket is looked at in the next turn without waiting.
// What belongs to the control lane is always served before bulk data.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "hansa/ports/transport.hpp"

namespace hansa::transport {

class Pollable {
 public:
  virtual ~Pollable() = default;
  // Does what there is to do, within reason; true when there may be more.
  virtual bool serve() = 0;

 private:
  friend class Poller;
  Lane lane_ = Lane::control;
  bool listed_ = false;
};

// A second thing to watch for somebody: what it does is a function.
class PollableCall : public Pollable {
 public:
  explicit PollableCall(std::function<bool()> call) : call_(std::move(call)) {}
  bool serve() override { return call_(); }

 private:
  std::function<bool()> call_;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, Pollable& pollable, Lane lane);
  void remove(int fd, Pollable& pollable);
  // To be served in the next turn, whatever its descriptor says.
  void again(Pollable& pollable);

  // Waits until something is readable, at most this long (negative: without end), and serves it.
  void turn(int timeout_ms);

 private:
  void collect(int timeout_ms);
  void serve_lane(Lane lane);

  int epoll_;
  std::vector<Pollable*> listed_;   // to be served in the next turn
  std::vector<Pollable*> serving_;  // in this one; null when removed meanwhile
};

}  // namespace hansa::transport
