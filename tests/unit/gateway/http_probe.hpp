// A client that tests drive byte by byte: one connection, blocking, with a deadline on every read.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace hansa {

struct ProbeResponse {
  int status = 0;                              // 0: the connection ended instead
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

class HttpProbe {
 public:
  static HttpProbe unix_socket(const std::string& path) {
    HttpProbe probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    probe.connected_ = connect(probe.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    return probe;
  }
  static HttpProbe tcp(std::uint16_t port) {
    HttpProbe probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    probe.connected_ = connect(probe.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    return probe;
  }
  HttpProbe(HttpProbe&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), read_(std::move(other.read_)) {}
  ~HttpProbe() {
    if (fd_ >= 0) close(fd_);
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_; }

  bool send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  // More bytes, appended to what is read; false at the end of the connection or after the deadline.
  bool read_some(std::chrono::milliseconds at_most = std::chrono::seconds(20)) {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(at_most.count())) <= 0) return false;
    char bytes[65'536];
    const auto n = recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    read_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  bool read_until(const std::string& text) {
    while (read_.find(text) == std::string::npos) {
      if (!read_some()) return false;
    }
    return true;
  }

  // Whether the other side ends the connection within the deadline; what it still says is kept.
  bool ends() {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    while (poll(&waiting, 1, 20'000) > 0) {
      char bytes[65'536];
      const auto n = recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) return true;
      read_.append(bytes, static_cast<std::size_t>(n));
    }
    return false;
  }

  const std::string& read() const { return read_; }

  ProbeResponse response(bool without_body = false) {
    ProbeResponse response;
    if (!read_until("\r\n\r\n")) return response;
    const auto end = read_.find("\r\n\r\n");
    auto head = read_.substr(0, end);
    read_.erase(0, end + 4);
    response.status = std::stoi(head.substr(9, 3));
    for (auto at = head.find("\r\n"); at != std::string::npos;) {
      const auto next = head.find("\r\n", at + 2);
      const auto line = head.substr(at + 2, next == std::string::npos ? next : next - at - 2);
      const auto colon = line.find(": ");
      auto name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      response.headers[name] = colon == std::string::npos ? "" : line.substr(colon + 2);
      at = next;
    }
    if (response.status == 100) return this->response(without_body);
    const auto length =
        response.headers.contains("content-length") ? std::stoul(response.headers["content-length"]) : 0;
    if (without_body) return response;
    while (read_.size() < length) {
      if (!read_some()) break;
    }
    response.body = read_.substr(0, length);
    read_.erase(0, length);
    return response;
  }

  ProbeResponse ask(const std::string& method, const std::string& target, const std::string& body = {},
                    const std::string& headers = {}) {
    send(method + " " + target + " HTTP/1.1\r\nHost: hansa\r\n" + headers +
         (body.empty() && method == "GET" ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         body);
    return response(method == "HEAD");
  }

 private:
  explicit HttpProbe(int fd) : fd_(fd) {}

  int fd_ = -1;
  bool connected_ = false;
  std::string read_;
};

}  // namespace hansa
