// TcpLine: a line between two TCP ports on this machine that a test can freeze.
//
// While frozen, connections stay open and nothing passes, as on a line that has gone dead without a word.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hansa::test {

inline sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline int tcp_connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_address(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  throw std::runtime_error("cannot connect to port " + std::to_string(port));
}

// Listens on a free port of its own.
inline int tcp_listen(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback_address(0);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(fd, 64) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot listen on a free port");
  port = ntohs(address.sin_port);
  return fd;
}

inline std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

class TcpLine {
 public:
  explicit TcpLine(std::uint16_t to) : to_(to), listening_(tcp_listen(port_)), thread_([this] { run(); }) {}
  ~TcpLine() {
    stop_ = true;
    thread_.join();
    close(listening_);
    for (const auto& pair : pairs_)
      for (const int fd : pair) close(fd);
  }
  TcpLine(const TcpLine&) = delete;
  TcpLine& operator=(const TcpLine&) = delete;

  std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
  void freeze() { frozen_ = true; }
  void thaw() { frozen_ = false; }

 private:
  using Pair = std::array<int, 2>;

  void run() {
    while (!stop_) {
      if (frozen_) {
        poll(nullptr, 0, 1);
        continue;
      }
      std::vector<pollfd> waiting{{listening_, POLLIN, 0}};
      for (const auto& pair : pairs_)
        for (const int fd : pair) waiting.push_back({fd, POLLIN, 0});
      if (poll(waiting.data(), waiting.size(), 5) > 0 && !frozen_) pass(waiting);
    }
  }

  void pass(const std::vector<pollfd>& waiting) {
    std::vector<Pair> kept;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto [one, two] = pairs_[i];
      const bool open =
          (!waiting[1 + 2 * i].revents || copy(one, two)) && (!waiting[2 + 2 * i].revents || copy(two, one));
      if (open)
        kept.push_back(pairs_[i]);
      else
        close(one), close(two);
    }
    pairs_ = kept;
    if (waiting.front().revents) accept_one();
  }

  void accept_one() {
    const int from = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (from < 0) return;
    try {
      pairs_.push_back({from, tcp_connect(to_)});
    } catch (const std::exception&) {
      close(from);
    }
  }

  static bool copy(int from, int to) {
    std::array<char, 65'536> buffer;
    const ssize_t size = recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) return false;
    for (ssize_t sent = 0; sent < size;) {
      const ssize_t now = ::send(to, buffer.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += now;
    }
    return true;
  }

  std::uint16_t to_, port_ = 0;
  int listening_;
  std::atomic<bool> frozen_{false}, stop_{false};
  std::vector<Pair> pairs_;
  std::thread thread_;
};

}  // namespace hansa::test
