// The smallest HTTP client that can load a daemon: one connection, kept alive, over a Unix socket.
#pragma once

#include <string>

namespace hansa::bench {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(const std::string& socket_path);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  HttpAnswer get(const std::string& path);
  HttpAnswer post(const std::string& path, const std::string& body, const std::string& type = "application/json");

  // An event stream: asks once, then hands over what comes, a line at a time; false at its end.
  bool open_stream(const std::string& path);
  bool next_line(std::string& line);

 private:
  int fd_ = -1;
  std::string received_;

  HttpAnswer ask(const std::string& request);
  bool fill();
};

}  // namespace hansa::bench
