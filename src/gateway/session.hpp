// One connection: reads a request, has it answered, writes the response, and so on; or, once its client asked for
// /v1/events, a stream of events.
//
// Lives on the gateway's loop. Every wait has a deadline, which the server's sweep looks at; a request waits for its
// answer before the next one is read, so a client that pipelines holds no more than one.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "hansa/api.hpp"
#include "src/gateway/server.hpp"

namespace hansa::gateway {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static std::shared_ptr<Session> make(GatewayServer& server, GatewayServer::SessionId id, GatewayServer::Socket socket,
                                       Caller caller, bool needs_token);
  virtual ~Session() = default;

  virtual void start() = 0;
  // The answer to the request that was read last; ignored when it has one.
  virtual void answer(HttpResponse response) = 0;
  // Something happened that a stream has not told yet; nothing on other connections.
  virtual void tell_news() = 0;
  virtual void beat() = 0;
  virtual void close() = 0;
  // Closes or answers what has waited beyond its deadline.
  virtual void sweep(Time now) = 0;
  virtual const Caller& owner() const = 0;
};

}  // namespace hansa::gateway
