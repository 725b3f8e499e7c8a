#include "src/client/daemon.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "hansa/types/ids.hpp"
#include "src/client/helper.hpp"
#include "src/client/problem.hpp"

extern char** environ;

namespace hansa::client {
namespace {

constexpr long silence_s_max = 400;  // a long poll is answered after 300 s

Error bad_url(const std::string& url) {
  return usage_error("HANSA_URL '" + url +
                     "' is not understood: write https://HOST:PORT, or http://127.0.0.1:PORT for a daemon on "
                     "this machine or a tunnel to one");
}

int open_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  const int why = errno;
  if (fd >= 0) close(fd);
  errno = why;
  return -1;
}

int open_tcp(const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const bool is_v4 = inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  const int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connected = is_v4 ? connect(fd, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                              : connect(fd, reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  const int yes = 1;
  if (connected == 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
  }
  const int why = errno;
  if (fd >= 0) close(fd);
  errno = why;
  return -1;
}

// The helper that speaks TLS, and this end of what it carries; -1 when it can't be started.
int open_tls(const DaemonAddress& address, pid_t& helper) {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
  auto program = helper_path("hansa-tls");
  auto host = address.host;
  auto port = std::to_string(address.port);
  char* const words[] = {program.data(), host.data(), port.data(), nullptr};
  const int error = posix_spawn(&helper, program.c_str(), &actions, nullptr, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error == 0) return ends[0];
  close(ends[0]);
  helper = 0;
  errno = error;
  return -1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() < 254 && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// "HTTP/1.1 200 OK" and its headers; false when it is something else.
bool parse_head(std::string_view head, Reply& reply) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
  const auto status = head.substr(9, 3);
  if (std::from_chars(status.data(), status.data() + 3, reply.status).ec != std::errc{}) return false;
  while (true) {
    const auto line_end = head.find("\r\n");
    if (line_end == std::string_view::npos) return true;
    head = head.substr(line_end + 2);
    const auto line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto value = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
    reply.headers[lower(std::string(line.substr(0, colon)))] = value;
  }
}

}  // namespace

std::string DaemonAddress::text() const {
  if (!socket_path.empty()) return socket_path;
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

Result<DaemonAddress> find_daemon(const std::string& socket, const std::string& url, const std::string& token) {
  DaemonAddress address;
  if (!socket.empty() || url.empty()) {
    address.socket_path = socket.empty() ? std::string(system_socket) : socket;
    return address;
  }
  address.tls = url.starts_with("https://");
  if (!address.tls && !url.starts_with("http://")) return bad_url(url);
  auto rest = url.substr(url.find("//") + 2);
  while (rest.ends_with('/')) rest.pop_back();
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos) return bad_url(url);
  const auto [end, error] = std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), address.port);
  if (error != std::errc{} || end != rest.data() + rest.size()) return bad_url(url);
  address.host = rest.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[')
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host == "localhost" && !address.tls) address.host = "127.0.0.1";
  in6_addr probe{};
  const bool numeric =
      inet_pton(AF_INET, address.host.c_str(), &probe) == 1 || inet_pton(AF_INET6, address.host.c_str(), &probe) == 1;
  if (!numeric && !(address.tls && is_host_name(address.host))) return bad_url(url);
  address.token = token;
  return address;
}

Daemon::~Daemon() {
  disconnect();
}

void Daemon::disconnect() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  if (helper_ > 0) waitpid(helper_, nullptr, 0);  // it ends with its socket
  helper_ = 0;
  buffer_.clear();
}

Error Daemon::unreachable_now(const std::string& why) const {
  return unreachable("no daemon answers at " + address_.text() + " (" + why +
                     "): start hansad there, or name another with "
                     "HANSA_SOCKET, or HANSA_URL and HANSA_TOKEN");
}

Status Daemon::connect() {
  if (fd_ >= 0) return success();
  const auto& at = address_;
  fd_ = !at.socket_path.empty() ? open_unix(at.socket_path)
        : at.tls                ? open_tls(at, helper_)
                                : open_tcp(at.host, at.port);
  if (fd_ < 0) return unreachable_now(std::strerror(errno));
  const timeval silence{.tv_sec = silence_s_max, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  return at.tls ? hear_of_handshake() : success();
}

// The helper's first line says how the handshake went.
Status Daemon::hear_of_handshake() {
  std::string line;
  char next = 0;
  while (line.size() < 1'024 && recv(fd_, &next, 1, 0) == 1 && next != '\n') line += next;
  if (next == '\n' && line == "ok") return success();
  disconnect();
  return unreachable_now(line.empty() ? "hansa-tls, which belongs beside hansa, ended at once" : line);
}

// False when the other side reads no more; it may have answered before that.
bool Daemon::send_all(const std::string& head, std::string_view body) {
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  std::size_t left = head.size() + body.size();
  while (left > 0) {
    const auto sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    left -= static_cast<std::size_t>(sent);
    auto skip = static_cast<std::size_t>(sent);
    for (auto& part : parts) {
      const auto here = std::min(skip, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + here;
      part.iov_len -= here;
      skip -= here;
    }
  }
  return true;
}

bool Daemon::receive_more() {
  char bytes[65'536];
  while (true) {
    const auto got = recv(fd_, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }
}

bool Daemon::receive(Reply& reply) {
  constexpr std::size_t head_bytes_max = 64u << 10;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > head_bytes_max || !receive_more()) return false;
  }
  if (!parse_head(std::string_view(buffer_).substr(0, end), reply)) return false;
  buffer_.erase(0, end + 4);
  std::size_t length = 0;
  if (const auto found = reply.headers.find("content-length"); found != reply.headers.end()) {
    const auto& text = found->second;
    if (std::from_chars(text.data(), text.data() + text.size(), length).ec != std::errc{}) return false;
  }
  while (buffer_.size() < length) {
    if (!receive_more()) return false;
  }
  if (buffer_.size() == length) {
    reply.body = std::exchange(buffer_, {});
  } else {
    reply.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
  }
  return true;
}

Result<Reply> Daemon::ask(const Ask& what) {
  std::string head;
  head.reserve(256 + what.target.size());
  head.append(what.method).append(" ").append(what.target).append(" HTTP/1.1\r\nHost: hansa\r\n");
  if (!address_.token.empty()) head.append("Authorization: Bearer ").append(address_.token).append("\r\n");
  if (!what.idempotency_key.empty()) head.append("Idempotency-Key: ").append(what.idempotency_key).append("\r\n");
  if (!what.body.empty()) head.append("Content-Type: ").append(what.content_type).append("\r\n");
  if (what.method != "GET") head.append("Content-Length: ").append(std::to_string(what.body.size())).append("\r\n");
  head.append("\r\n");
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (auto connected = connect(); !connected) return connected.error();
    send_all(head, what.body);
    Reply reply;
    if (!receive(reply)) {
      disconnect();
      continue;
    }
    if (reply.headers["connection"] == "close") disconnect();
    if (reply.status < 200 || reply.status > 299) return problem_of(reply);
    return reply;
  }
  return unreachable_now("the connection broke off");
}

std::string escape(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string random_key() {
  std::uint8_t bytes[16] = {};
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return {};
  return to_hex(bytes, sizeof bytes);
}

}  // namespace hansa::client
