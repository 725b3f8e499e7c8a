#include "src/gateway/listen.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace hansa::gateway {
namespace {

constexpr int backlog = 1'024;

std::string errno_text() {
  return std::strerror(errno);
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* as_sockaddr(const auto& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Whether the way to `path` is free, having removed what a dead daemon left there.
Status clear_way(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return success();
  if (!S_ISSOCK(status.st_mode)) {
    return refusal("socket " + path + ": a file that is no socket is there; move it away or choose another path");
  }
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool connected = connect(probe.get(), as_sockaddr(address), sizeof address) == 0;
  if (connected || errno == EAGAIN) {
    return refusal("socket " + path + " is in use: another daemon answers there; stop it or choose another socket");
  }
  if (errno == EACCES) return refusal("socket " + path + ": it belongs to somebody else; choose another path");
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return internal_error("socket " + path + ": what a dead daemon left there can't be removed: " + errno_text());
  }
  return success();
}

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  bool v6 = false;
};

bool is_loopback(const TcpAddress& address) {
  if (address.v6) return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
  return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

std::optional<TcpAddress> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  TcpAddress address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.v6 = true;
    address.size = sizeof v6;
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1) return std::nullopt;
    return address;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  address.size = sizeof v4;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return std::nullopt;
  return address;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return storage.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6&>(storage).sin6_port)
                                       : ntohs(reinterpret_cast<sockaddr_in&>(storage).sin_port);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (open()) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (open()) close(fd_);
}

Result<Descriptor> listen_unix(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return usage_error("socket " + path +
                       ": the path is longer than the 107 bytes that a socket may have; choose a shorter one");
  }
  const auto address = unix_address(path);
  if (auto free = clear_way(path, address); !free) return free.error();
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool listening = fd.open() && bind(fd.get(), as_sockaddr(address), sizeof address) == 0 &&
                         chmod(path.c_str(), 0666) == 0 && listen(fd.get(), backlog) == 0;
  if (!listening) return internal_error("socket " + path + " can't be opened: " + errno_text());
  return fd;
}

Result<TcpListener> listen_tcp(const std::string& text, Reach reach) {
  const auto address = parse_address(text);
  if (!address) return usage_error("http address '" + text + "': write ADDRESS:PORT, as in 127.0.0.1:7780");
  if (reach == Reach::loopback_only && !is_loopback(*address)) {
    return usage_error("http address " + text +
                       " is not loopback: without TLS the API is served on 127.0.0.1 or [::1] only; give "
                       "tls_certificate and tls_key to serve others");
  }
  TcpListener listener{
      .socket = Descriptor(socket(address->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      .v6 = address->v6};
  const int yes = 1;
  const int fd = listener.socket.get();
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, as_sockaddr(address->storage), address->size) != 0 || listen(fd, backlog) != 0) {
    return errno == EADDRINUSE
               ? refusal("http address " + text + " is in use: stop what listens there or choose another port")
               : internal_error("http address " + text + " can't be opened: " + errno_text());
  }
  listener.port = port_of(fd);
  return listener;
}

}  // namespace hansa::gateway
