#include "src/enrolment/desk.hpp"

#include <netdb.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "protocol/wire/codec.hpp"
#include "src/config/addresses.hpp"

namespace hansa::enrolment {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Handle {
 public:
  explicit Handle(int fd = -1) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Visitor {
  std::uint64_t number = 0;
  Handle socket;
  std::string in;
  std::string out;
  TransportKey asker;
  bool asked = false;
  bool answered = false;
  SteadyClock::time_point until;
};

struct Answer {
  std::uint64_t visitor = 0;
  Enrolled content;
};

// Answers find their way even when the desk is gone by then.
struct Tray {
  std::mutex mutex;
  std::vector<Answer> answers;
  Handle wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  void put(Answer answer) {
    const std::lock_guard lock(mutex);
    answers.push_back(std::move(answer));
    ring();
  }
  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake.get(), &one, sizeof one);
  }
  std::vector<Answer> take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto bytes = ::read(wake.get(), &count, sizeof count);
    const std::lock_guard lock(mutex);
    return std::exchange(answers, {});
  }
};

Result<Handle> listen_at(const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint) return endpoint.error();
  auto host = endpoint->host == "*" ? std::string("0.0.0.0") : endpoint->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(endpoint->port);
  if (const int code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return usage_error("can't open the enrolment desk at " + text + ": " + gai_strerror(code));
  }
  Handle socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool bound = socket.get() >= 0 && ::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 &&
                     ::listen(socket.get(), 64) == 0;
  freeaddrinfo(found);
  if (bound) return socket;
  return internal_error("can't open the enrolment desk at " + text + ": " + std::strerror(errno) +
                        "; set enrol_listen to a free address in hansad.toml");
}

std::string address_of(const sockaddr_storage& from, socklen_t size) {
  char text[NI_MAXHOST] = "";
  getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

}  // namespace

struct Desk::Parts {
  explicit Parts(DeskOptions given) : options(std::move(given)), throttle(options.throttle) {}

  DeskOptions options;
  Throttle throttle;
  std::shared_ptr<Tray> tray = std::make_shared<Tray>();
  Handle listener;
  std::string endpoint;
  std::list<Visitor> visitors;
  std::uint64_t visits = 0;
  std::mutex mutex;  // guards the three below
  std::string greeting;
  SteadyClock::time_point open_until{};
  bool stopping = false;
  std::thread thread;

  void run();
  bool is_over();
  int wait();
  void accept_one();
  bool serve(Visitor& visitor, short events);
  bool read_from(Visitor& visitor);
  bool take_question(Visitor& visitor);
  static bool write_to(Visitor& visitor);
  void deliver();
};

Desk::Desk(DeskOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Desk::~Desk() {
  close();
}

Status Desk::open(const std::string& endpoint, const FederationId& federation, Duration open_for) {
  auto& p = *parts_;
  const auto until = SteadyClock::now() + std::min<Duration>(open_for, std::chrono::hours(24 * 400));
  {
    const std::lock_guard lock(p.mutex);
    if (p.thread.joinable() && SteadyClock::now() < p.open_until) {
      p.open_until = std::max(p.open_until, until);
      return success();
    }
  }
  close();
  auto listener = listen_at(endpoint);
  if (!listener) return listener.error();
  p.listener = std::move(*listener);
  p.greeting = enrolment::greeting(federation);
  p.open_until = until;
  p.stopping = false;
  p.thread = std::thread([&p] { p.run(); });
  spdlog::info("event=enrolment_desk_open endpoint={}", endpoint);
  return success();
}

void Desk::close() {
  auto& p = *parts_;
  if (!p.thread.joinable()) return;
  {
    const std::lock_guard lock(p.mutex);
    p.stopping = true;
  }
  p.tray->ring();
  p.thread.join();
  p.visitors.clear();
  p.listener = Handle();
}

bool Desk::Parts::is_over() {
  const std::lock_guard lock(mutex);
  return stopping || SteadyClock::now() >= open_until;
}

void Desk::Parts::run() {
  while (!is_over()) {
    std::vector<pollfd> watched{{tray->wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    for (const auto& visitor : visitors) {
      const auto events = visitor.out.empty() ? POLLIN : POLLOUT;
      watched.push_back({visitor.socket.get(), static_cast<short>(events), 0});
    }
    ::poll(watched.data(), watched.size(), wait());
    std::size_t at = 2;
    for (auto visitor = visitors.begin(); visitor != visitors.end(); ++at) {
      const bool stays = SteadyClock::now() < visitor->until && serve(*visitor, watched[at].revents);
      visitor = stays ? std::next(visitor) : visitors.erase(visitor);
    }
    if (watched[1].revents != 0) accept_one();
    deliver();
  }
  visitors.clear();
  listener = Handle();
  spdlog::info("event=enrolment_desk_closed");
}

int Desk::Parts::wait() {
  constexpr int longest = 60'000;
  auto soonest = SteadyClock::now() + std::chrono::milliseconds(longest);
  for (const auto& visitor : visitors) soonest = std::min(soonest, visitor.until);
  const std::lock_guard lock(mutex);
  soonest = std::min(soonest, open_until);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(soonest - SteadyClock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left + 1, 0));
}

void Desk::Parts::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  Handle socket(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.get() < 0) return;
  const Instant now{std::chrono::duration_cast<Duration>(SteadyClock::now().time_since_epoch())};
  if (visitors.size() >= options.connections_max || !throttle.admits(address_of(from, size), now)) return;
  auto& visitor = visitors.emplace_back();
  visitor.number = ++visits;
  visitor.socket = std::move(socket);
  visitor.until = SteadyClock::now() + options.life_max;
  const std::lock_guard lock(mutex);
  visitor.out = greeting;
}

// False when the visit is over.
bool Desk::Parts::serve(Visitor& visitor, short events) {
  if (events == 0) return true;
  if (!visitor.out.empty()) return write_to(visitor) && !(visitor.answered && visitor.out.empty());
  return read_from(visitor);
}

bool Desk::Parts::write_to(Visitor& visitor) {
  const auto sent = ::send(visitor.socket.get(), visitor.out.data(), visitor.out.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  visitor.out.erase(0, static_cast<std::size_t>(sent));
  return true;
}

bool Desk::Parts::read_from(Visitor& visitor) {
  std::array<char, 4'096> buffer{};
  const auto got = ::recv(visitor.socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0 || visitor.asked) return false;
  visitor.in.append(buffer.data(), static_cast<std::size_t>(got));
  if (visitor.in.size() < 4) return true;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{static_cast<unsigned char>(visitor.in[i])} << (8 * i);
  if (size > question_bytes_max || visitor.in.size() > size + 4) return false;
  return visitor.in.size() < size + 4 || take_question(visitor);
}

bool Desk::Parts::take_question(Visitor& visitor) {
  const auto question = open_question(std::string_view(visitor.in).substr(4), options.secret);
  if (!question) return false;
  auto request = decode<SignedEnrolment>(question->plain);
  if (!request) return false;
  visitor.asked = true;
  visitor.asker = question->asker;
  visitor.in.clear();
  options.ask(std::move(*request), [tray = tray, number = visitor.number](Enrolled content) {
    tray->put({.visitor = number, .content = std::move(content)});
  });
  return true;
}

void Desk::Parts::deliver() {
  for (auto& answer : tray->take()) {
    for (auto& visitor : visitors) {
      if (visitor.number != answer.visitor) continue;
      visitor.out = frame(seal_answer(encode(answer.content), visitor.asker, options.secret));
      visitor.answered = true;
    }
  }
}

}  // namespace hansa::enrolment
