#include <algorithm>

#include "tests/contract/transport/transport_network.hpp"

namespace hansa::test {

void Recorder::on_frame(const SiteName& from, Lane lane, std::string_view frame) {
  std::unique_lock lock(mutex_);
  ++counts_[Entry::frame];
  entries_.push_back({Entry::frame, from, lane, std::string(frame)});
  released_.wait(lock, [&] { return !held_up_; });
}

void Recorder::on_link(const SiteName& peer, Lane lane, bool up) {
  const std::scoped_lock lock(mutex_);
  ++counts_[up ? Entry::up : Entry::down];
  entries_.push_back({up ? Entry::up : Entry::down, peer, lane, {}});
}

std::vector<Recorder::Entry> Recorder::entries() const {
  const std::scoped_lock lock(mutex_);
  return entries_;
}

std::vector<std::string> Recorder::frames(const SiteName& from, Lane lane) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> found;
  for (const auto& entry : entries_)
    if (entry.kind == Entry::frame && entry.peer == from && entry.lane == lane) found.push_back(entry.text);
  return found;
}

bool Recorder::is_up(const SiteName& peer, Lane lane) const {
  const std::scoped_lock lock(mutex_);
  const auto last = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.kind != Entry::frame && entry.peer == peer && entry.lane == lane;
  });
  return last != entries_.rend() && last->kind == Entry::up;
}

std::size_t Recorder::count(Entry::Kind kind) const {
  const std::scoped_lock lock(mutex_);
  return counts_[kind];
}

bool Recorder::has(const std::string& frame) const {
  const std::scoped_lock lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.kind == Entry::frame && entry.text == frame; });
}

void Recorder::hold_up() {
  const std::scoped_lock lock(mutex_);
  held_up_ = true;
}

void Recorder::let_go() {
  const std::scoped_lock lock(mutex_);
  held_up_ = false;
  released_.notify_all();
}

}  // namespace hansa::test
