#include "src/enrolment/ask_desk.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "protocol/wire/codec.hpp"
#include "src/config/addresses.hpp"
#include "src/enrolment/sealed.hpp"
#include "src/identity/key_text.hpp"

namespace hansa::enrolment {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A connection with a time by which all must be over.
class Line {
 public:
  Line(int fd, SteadyClock::time_point until) : fd_(fd), until_(until) {}
  ~Line() {
    if (fd_ >= 0) ::close(fd_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  int fd() const { return fd_; }

  bool wait(short events) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - SteadyClock::now()).count();
    pollfd one{fd_, events, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(left)) == 1;
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      if (!wait(POLLOUT)) return false;
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool receive(std::string& into, std::size_t size) const {
    into.clear();
    std::array<char, 4'096> buffer{};
    while (into.size() < size) {
      if (!wait(POLLIN)) return false;
      const auto got = ::recv(fd_, buffer.data(), std::min(buffer.size(), size - into.size()), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
      if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return true;
  }

 private:
  int fd_;
  SteadyClock::time_point until_;
};

// A descriptor, or why there is none.
Result<int> connect_to(const std::string& text, int within_ms) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint) return endpoint.error();
  auto host = endpoint->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(endpoint->port).c_str(), &hints, &found); code != 0) {
    return unreachable(text + ": " + gai_strerror(code));
  }
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int failed = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  freeaddrinfo(found);
  pollfd one{fd, POLLOUT, 0};
  if (failed == EINPROGRESS) {
    socklen_t size = sizeof failed;
    if (::poll(&one, 1, within_ms) != 1) {
      failed = ETIMEDOUT;
    } else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0) {
      failed = errno;
    }
  }
  if (failed == 0) return fd;
  ::close(fd);
  return unreachable(text + ": " + std::strerror(failed));
}

Error cut_short(const InvitationLine& line, const std::string& endpoint) {
  return unreachable("can't join: " + line.sponsor.value + " at " + endpoint +
                     " broke off: its transport key is not the one that the invitation names, or too many ask at once; "
                     "try again in a minute, then ask for a new invitation");
}

Result<Enrolled> ask_at(const InvitationLine& line, const std::string& endpoint, const Line& desk,
                        const SignedEnrolment& request) {
  std::string heard;
  if (!desk.receive(heard, greeting_bytes)) return cut_short(line, endpoint);
  const auto federation = read_greeting(heard);
  if (!federation) return unreachable("can't join: what answers at " + endpoint + " is no enrolment desk");
  if (*federation != line.federation) {
    return refusal("can't join: at " + endpoint + " is another federation than the invitation's, " +
                   key_text(*federation).substr(0, 16) + "…: this invitation is foreign there");
  }
  const auto keys = make_asker_keys();
  if (!desk.send(frame(seal_question(encode(request), keys, line.sponsor_key)))) return cut_short(line, endpoint);
  if (!desk.receive(heard, 4)) return cut_short(line, endpoint);
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{static_cast<unsigned char>(heard[i])} << (8 * i);
  if (size > answer_bytes_max || !desk.receive(heard, size)) return cut_short(line, endpoint);
  const auto plain = open_answer(heard, keys, line.sponsor_key);
  if (!plain) return corrupt("can't join: the answer of " + endpoint + " is not from " + line.sponsor.value);
  return decode<Enrolled>(*plain);
}

}  // namespace

Status can_connect(const std::string& endpoint, int within_ms) {
  const auto fd = connect_to(endpoint, within_ms);
  if (!fd) return fd.error();
  ::close(*fd);
  return success();
}

Result<Enrolled> ask_desk(const InvitationLine& line, const SignedEnrolment& request) {
  std::string tried;
  for (const auto& endpoint : line.endpoints) {
    const auto fd = connect_to(endpoint, 3'000);
    if (!fd) {
      tried += (tried.empty() ? "" : "; ") + fd.error().text;
      continue;
    }
    const Line desk(*fd, SteadyClock::now() + std::chrono::seconds(10));
    return ask_at(line, endpoint, desk, request);
  }
  return unreachable("can't join: nobody answers for " + line.sponsor.value + " (" + tried +
                     "); the desk is open only while the invitation lasts");
}

}  // namespace hansa::enrolment
