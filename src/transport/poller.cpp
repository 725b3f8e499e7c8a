#include "src/transport/poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace hansa::transport {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() {
  close(epoll_);
}

void Poller::add(int fd, Pollable& pollable, Lane lane) {
  pollable.lane_ = lane;
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &pollable}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  again(pollable);  // what happened before is told to nobody else
}

void Poller::remove(int fd, Pollable& pollable) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  std::erase(listed_, &pollable);
  std::replace(serving_.begin(), serving_.end(), &pollable, static_cast<Pollable*>(nullptr));
}

void Poller::again(Pollable& pollable) {
  if (pollable.listed_) return;
  pollable.listed_ = true;
  listed_.push_back(&pollable);
}

void Poller::collect(int timeout_ms) {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), listed_.empty() ? timeout_ms : 0);
  for (int i = 0; i < count; ++i) again(*static_cast<Pollable*>(events[static_cast<std::size_t>(i)].data.ptr));
}

void Poller::serve_lane(Lane lane) {
  for (std::size_t i = 0; i < serving_.size(); ++i) {
    Pollable* pollable = serving_[i];
    if (!pollable || pollable->lane_ != lane) continue;
    serving_[i] = nullptr;
    pollable->listed_ = false;
    if (!pollable->serve()) continue;
    again(*pollable);
  }
}

void Poller::turn(int timeout_ms) {
  collect(timeout_ms);
  serving_.swap(listed_);
  listed_.clear();
  serve_lane(Lane::control);
  serve_lane(Lane::bulk);
  serving_.clear();
}

}  // namespace hansa::transport
