// TLS before the API: takes a connection, shakes hands, and passes plain bytes to and fro through a pair of sockets.
//
// Problem: sessions speak plain HTTP, and compiling them a second time for another kind of stream doubles the largest
// source there is. Idea: the cipher is a porter at the door. What is behind it is an ordinary socket, with the
// sessions' own deadlines; the porter adds one for the handshake, and bounds how many may stand there. Lives on the
// gateway's loop.
#pragma once

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <string>

#include "hansa/types/result.hpp"

namespace hansa::gateway {

class TlsPorter {
 public:
  using Inner = boost::asio::local::stream_protocol::socket;

  // Reads the certificate chain and its key, both PEM; a key that others can read is refused.
  static Result<std::unique_ptr<TlsPorter>> make(boost::asio::io_context& loop, const std::string& certificate,
                                                 const std::string& key);
  virtual ~TlsPorter() = default;

  // `admit` gets the plain end once the handshake is done; a connection that does not shake hands is dropped.
  virtual void take(boost::asio::ip::tcp::socket socket, std::function<void(Inner)> admit) = 0;
  virtual void close_all() = 0;
};

}  // namespace hansa::gateway
