// Listener: the connections of one lane that others opened to us.
//
// A connection counts from its greeting on. Whose it is, is the key that ZAP let in (the message's User-Id), compared
// with every message; the routing id only says where an answer goes. libzmq can't be asked to close one connection of
// a ROUTER: we know its descriptor from its greeting, and shut that down.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/transport/reactor.hpp"

namespace hansa::transport {

class ListenerEvents {
 public:
  virtual ~ListenerEvents() = default;
  // A connection was greeted; false when its key is not admitted (any more), or it is of no use.
  virtual bool on_accepted(Lane lane, std::string_view user_id, const std::string& routing_id, Run run) = 0;
  virtual void on_accepted_message(Lane lane, std::string_view user_id, std::string_view message) = 0;
  virtual void on_accepted_lost(Lane lane, std::string_view user_id) = 0;
};

class Listener : public Pollable {
 public:
  Listener(Reactor& reactor, Lane lane, ListenerEvents& events);
  ~Listener() override;

  Status bind(const std::string& endpoint);
  // As bound: with the port that the system chose, where that was left to it.
  const std::vector<std::string>& endpoints() const { return endpoints_; }

  SendResult send(const std::string& routing_id, zmq::message_t& message);
  // Closes a connection without telling.
  void cut(const std::string& routing_id);

  bool serve() override;

 private:
  struct Connection {
    std::string user_id;
    int fd = -1;
  };
  using Connections = std::map<std::string, Connection, std::less<>>;

  bool read_message();
  bool serve_monitor();
  void take(std::string_view routing_id, zmq::message_t& message);
  void greeted(std::string_view routing_id, zmq::message_t& message, Run run);
  void refuse(zmq::message_t& message);
  void read_monitor();
  void connection_ended(int fd);
  void forget(const std::vector<std::string>& routing_ids);

  Reactor& reactor_;
  Lane lane_;
  ListenerEvents& events_;
  zmq::socket_t socket_;
  Monitor monitor_;
  PollableCall monitor_watch_{[this] { return serve_monitor(); }};
  int fd_, monitor_fd_;
  std::vector<std::string> endpoints_;
  std::map<int, bool> open_;         // descriptors of open connections: whether they were greeted
  Connections connections_;          // the greeted ones
  std::vector<std::string> broken_;  // of those: what came in before still counts
};

}  // namespace hansa::transport
