#include "tests/bench/http.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace hansa::bench {

HttpClient::HttpClient(const std::string& socket_path) {
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

HttpAnswer HttpClient::get(const std::string& path) {
  return ask("GET " + path + " HTTP/1.1\r\nHost: hansa\r\n\r\n");
}

HttpAnswer HttpClient::post(const std::string& path, const std::string& body, const std::string& type) {
  return ask("POST " + path + " HTTP/1.1\r\nHost: hansa\r\nContent-Type: " + type +
             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

bool HttpClient::fill() {
  char buffer[65536];
  const auto got = recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

HttpAnswer HttpClient::ask(const std::string& request) {
  for (std::size_t sent = 0; sent < request.size();) {
    const auto done = send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (done <= 0) return {};
    sent += static_cast<std::size_t>(done);
  }
  std::size_t head = std::string::npos;
  while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  HttpAnswer answer{.status = std::atoi(received_.c_str() + 9), .body = {}};
  std::size_t length = 0;
  if (const auto at = received_.find("Content-Length: "); at < head) length = std::stoul(received_.substr(at + 16, 20));
  while (received_.size() < head + 4 + length) {
    if (!fill()) return {};
  }
  answer.body = received_.substr(head + 4, length);
  received_.erase(0, head + 4 + length);
  return answer;
}

bool HttpClient::open_stream(const std::string& path) {
  const auto request = "GET " + path + " HTTP/1.1\r\nHost: hansa\r\n\r\n";
  if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!fill()) return false;
  }
  received_.erase(0, received_.find("\r\n\r\n") + 4);
  return true;
}

bool HttpClient::next_line(std::string& line) {
  std::size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (!fill()) return false;
  }
  line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return true;
}

}  // namespace hansa::bench
