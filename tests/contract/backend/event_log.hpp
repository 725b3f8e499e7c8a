// What a backend has told, in order, for tests to wait on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "hansa/ports/backend.hpp"

namespace hansa {

class EventLog : public BackendHandler {
 public:
  void on_event(BackendEvent event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    events_.clear();
  }

  // `wanted` is asked again after each event; false when the deadline passed.
  bool wait(const std::function<bool()>& wanted, std::chrono::seconds deadline) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (true) {
      const auto seen = size();  // before asking: an event that comes meanwhile is asked about again
      if (wanted()) return true;
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, until, [&] { return events_.size() != seen; })) return false;
    }
  }

  template <class Event>
  std::vector<Event> all(const RunKey& run) const {
    const std::lock_guard lock(mutex_);
    std::vector<Event> found;
    for (const auto& event : events_) {
      const auto* each = std::get_if<Event>(&event);
      if (each != nullptr && each->run == run) found.push_back(*each);
    }
    return found;
  }
  template <class Event>
  std::optional<Event> find(const RunKey& run) const {
    const auto found = all<Event>(run);
    return found.empty() ? std::nullopt : std::optional(found.back());
  }
  // The latest of its kind, whatever run it is of.
  template <class Event>
  std::optional<Event> find_any() const {
    const std::lock_guard lock(mutex_);
    for (auto event = events_.rbegin(); event != events_.rend(); ++event)
      if (const auto* found = std::get_if<Event>(&*event)) return *found;
    return std::nullopt;
  }
  // Which kinds of event a run had, as indices of the variant, in order.
  std::vector<std::size_t> kinds(const RunKey& run) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::size_t> kinds;
    for (const auto& event : events_) {
      std::visit(
          [&](const auto& each) {
            if constexpr (requires { each.run; }) {
              if (each.run == run) kinds.push_back(event.index());
            }
          },
          event);
    }
    return kinds;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<BackendEvent> events_;
};

}  // namespace hansa
