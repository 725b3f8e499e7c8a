// The other process of the transport's benchmark: it echoes, over bare ZeroMQ sockets with CURVE and over our lanes.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <zmq.hpp>

#include "src/transport/zmq_transport.hpp"

namespace hansa::bench {

inline constexpr std::size_t small_bytes = 100;
// The first byte of a frame says what the other side does with it.
inline constexpr char echo = 'e', swallow = 's';

// Fixed keys, so that nothing but endpoints needs to be told to the other process.
inline TransportKeyPair keys_numbered(int number) {
  std::array<char, 41> secret_text{}, public_text{};
  TransportKeyPair keys;
  keys.secret_key.fill(static_cast<std::uint8_t>(8 * number));
  zmq_z85_encode(secret_text.data(), keys.secret_key.data(), keys.secret_key.size());
  zmq_curve_public(public_text.data(), secret_text.data());
  zmq_z85_decode(keys.public_key.bytes.data(), public_text.data());
  return keys;
}

inline PeerAddress address_numbered(int number, std::string control = {}, std::string bulk = {}) {
  PeerAddress address{.site = {number == 1 ? "here" : "there"}, .key = keys_numbered(number).public_key};
  if (!control.empty()) address.endpoints = {std::move(control)};
  if (!bulk.empty()) address.bulk_endpoints = {std::move(bulk)};
  return address;
}

// --- The other process ----------------------------------------------------------------------------------------------

class Echo : public TransportHandler {
 public:
  Transport* transport = nullptr;
  void on_frame(const SiteName& from, Lane lane, std::string_view frame) override {
    if (frame.front() == echo) transport->send(from, lane, std::string(frame.substr(0, small_bytes)));
  }
  void on_link(const SiteName&, Lane, bool) override {}
};

inline void set_keys(zmq::socket_t& socket, const TransportKeyPair& keys) {
  socket.set(zmq::sockopt::curve_publickey,
             zmq::const_buffer(keys.public_key.bytes.data(), keys.public_key.bytes.size()));
  socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(keys.secret_key.data(), keys.secret_key.size()));
  socket.set(zmq::sockopt::linger, 0);
}

inline zmq::socket_t raw_router(zmq::context_t& context) {
  zmq::socket_t router(context, zmq::socket_type::router);
  set_keys(router, keys_numbered(2));
  router.set(zmq::sockopt::curve_server, 1);
  router.bind("tcp://127.0.0.1:*");
  return router;
}

inline void echo_raw(zmq::socket_t router) {
  for (;;) {
    zmq::message_t id, frame;
    if (!router.recv(id) || !router.recv(frame)) return;
    if (frame.to_string_view().front() != echo) continue;
    router.send(id, zmq::send_flags::sndmore);
    router.send(zmq::buffer(frame.data<char>(), std::min(frame.size(), small_bytes)));
  }
}

// Prints its endpoints, and echoes until it is killed.
[[noreturn]] inline void be_the_other() {
  zmq::context_t context;
  auto control = raw_router(context), bulk = raw_router(context);
  Echo handler;
  const auto keys = keys_numbered(2);
  auto started = ZmqTransport::start({.public_key = keys.public_key,
                                      .secret_key = keys.secret_key,
                                      .listen = {"tcp://127.0.0.1:*"},
                                      .bulk_listen = {"tcp://127.0.0.1:*"}},
                                     handler);
  if (!started) throw std::runtime_error(started.error().text);
  handler.transport = started->get();
  (*started)->set_peers({address_numbered(1)});
  std::cout << control.get(zmq::sockopt::last_endpoint) << "\n"
            << bulk.get(zmq::sockopt::last_endpoint) << "\n"
            << (*started)->endpoints(Lane::control).front() << "\n"
            << (*started)->endpoints(Lane::bulk).front() << std::endl;
  std::thread(echo_raw, std::move(control)).detach();
  std::thread(echo_raw, std::move(bulk)).detach();
  for (;;) pause();
}

class OtherProcess {
 public:
  OtherProcess() {
    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::string name = "hansa_bench_transport", role = "--other";
    char* arguments[] = {name.data(), role.data(), nullptr};
    if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environ) != 0)
      throw std::runtime_error("posix_spawn failed");
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    FILE* out = fdopen(pipe_ends[0], "r");
    for (auto& endpoint : endpoints) {
      char line[128] = "";
      if (!std::fgets(line, sizeof line, out)) throw std::runtime_error("the other process did not start");
      endpoint = std::string(line, std::string(line).find('\n'));
    }
    std::fclose(out);
  }
  ~OtherProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  std::array<std::string, 4> endpoints;  // raw control, raw bulk, our control, our bulk

 private:
  pid_t pid_ = 0;
};

}  // namespace hansa::bench
