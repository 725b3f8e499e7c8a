// Opening the sockets that users connect to, with one sentence for whatever stands in the way.
#pragma once

#include <cstdint>
#include <string>

#include "hansa/types/result.hpp"

namespace hansa::gateway {

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

// Mode 0666: every local user may talk to the daemon. A socket file that nobody listens at is replaced, one that a
// living daemon listens at is left alone and refused, as is a file that is no socket.
Result<Descriptor> listen_unix(const std::string& path);

struct TcpListener {
  Descriptor socket;
  bool v6 = false;
  std::uint16_t port = 0;
};
enum class Reach : std::uint8_t { loopback_only, any };
Result<TcpListener> listen_tcp(const std::string& address, Reach reach = Reach::loopback_only);

}  // namespace hansa::gateway
