#include "src/transport/names.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace hansa::transport {
namespace {

constexpr std::string_view scheme = "tcp://";
constexpr auto kept_for = std::chrono::minutes(1);
constexpr std::size_t names_max = 65'536;

struct HostPort {
  std::string host, port;
};

HostPort split(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  return {endpoint.substr(scheme.size(), colon - scheme.size()), endpoint.substr(colon + 1)};
}

std::vector<std::string> ask_system(const std::string& endpoint) {
  const auto [host, port] = split(endpoint);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<std::string> endpoints;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    const std::string address = one->ai_family == AF_INET6 ? "[" + std::string(text.data()) + "]" : text.data();
    endpoints.push_back(std::string(scheme) + address + ":" + port);
  }
  freeaddrinfo(found);
  return endpoints;
}

}  // namespace

bool is_numeric(const std::string& endpoint) {
  const std::string host = split(endpoint).host;
  in_addr address{};
  return host.starts_with('[') || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

struct Names::Shared {
  struct Entry {
    bool asking = true;
    std::vector<std::string> endpoints;
    std::size_t next = 0;
    Clock::time_point found;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Entry> entries;
  std::deque<std::string> questions;
  Lookup lookup = nullptr;
  bool running = false, stopping = false;

  void ask(const std::string& endpoint);
  void run();
};

void Names::Shared::ask(const std::string& endpoint) {
  entries[endpoint].asking = true;
  questions.push_back(endpoint);
  changed.notify_one();
}

void Names::Shared::run() {
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return stopping || !questions.empty(); });
    if (stopping) return;
    const std::string question = questions.front();
    questions.pop_front();
    lock.unlock();
    auto endpoints = lookup(question);
    lock.lock();
    entries[question] = {.asking = false, .endpoints = std::move(endpoints), .next = 0, .found = Clock::now()};
  }
}

Names::Names(Lookup lookup) : shared_(std::make_shared<Shared>()) {
  shared_->lookup = lookup ? lookup : ask_system;
}

Names::~Names() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_one();
}

Names::Answer Names::numeric(const std::string& endpoint, Clock::time_point now) {
  if (is_numeric(endpoint)) return {State::known, endpoint};
  const std::scoped_lock lock(shared_->mutex);
  if (!std::exchange(shared_->running, true)) std::thread([shared = shared_] { shared->run(); }).detach();
  auto it = shared_->entries.find(endpoint);
  if (it == shared_->entries.end()) {
    if (shared_->entries.size() >= names_max) return {};
    shared_->ask(endpoint);
    return {State::asking, {}};
  }
  auto& entry = it->second;
  if (!entry.asking && entry.endpoints.empty()) {
    shared_->entries.erase(it);
    return {};
  }
  if (!entry.asking && now - entry.found >= kept_for) shared_->ask(endpoint);
  if (entry.endpoints.empty()) return {State::asking, {}};
  return {State::known, entry.endpoints[entry.next++ % entry.endpoints.size()]};
}

}  // namespace hansa::transport
