// Door: lets in known keys and nobody else (ZAP, https://rfc.zeromq.org/spec/27/).
//
// libzmq asks here about every connection to a listener, once CURVE has proved that the other side holds the key that
// it shows. There is one such door in each ZeroMQ context, so every transport owns its context.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/transport/reactor.hpp"

namespace hansa::transport {

class Door : public Pollable {
 public:
  // `admits` is asked with the key in Z85, which becomes the connection's User-Id.
  Door(Reactor& reactor, std::function<bool(std::string_view)> admits);
  ~Door() override;

  bool serve() override;

 private:
  bool read_request(std::vector<std::string>& parts);
  void answer(const std::vector<std::string>& request);

  Reactor& reactor_;
  std::function<bool(std::string_view)> admits_;
  zmq::socket_t socket_;
  int fd_;
};

}  // namespace hansa::transport
