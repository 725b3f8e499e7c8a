#include "src/backends/process/event_loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

namespace hansa {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  watch(wake_, 0);
}

void EventLoop::start(OnReady on_ready) {
  on_ready_ = std::move(on_ready);
  // Signals are for the program's other threads.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void EventLoop::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  thread_.join();
}

void EventLoop::wake() const {
  const std::uint64_t one = 1;
  if (::write(wake_.get(), &one, sizeof one) < 0) return;  // full: it is awake already
}

void EventLoop::post(Task task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) wake();
}

void EventLoop::post_later(Task task) {
  later_.push_back({std::chrono::steady_clock::now() + std::chrono::seconds(1), std::move(task)});
}

void EventLoop::post_due() {
  while (!later_.empty() && later_.front().due <= std::chrono::steady_clock::now()) {
    post(std::move(later_.front().task));
    later_.pop_front();
  }
}

int EventLoop::patience_ms(bool tasks_wait) const {
  if (tasks_wait) return 0;
  return later_.empty() ? -1 : 1'000;
}

void EventLoop::watch(const Fd& descriptor, std::uint64_t token) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = token}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event);
}

void EventLoop::unwatch(const Fd& descriptor) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor.get(), nullptr);
}

bool EventLoop::run_one_task() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty()) return false;
    task = std::move(tasks_.front());
  }
  task();
  const std::lock_guard lock(mutex_);
  tasks_.pop_front();  // only now: post() wakes for the first task alone
  return !tasks_.empty();
}

void EventLoop::run() {
  bool tasks_wait = false;
  std::array<epoll_event, 64> ready;
  while (!stopping_) {
    const int count = ::epoll_wait(epoll_.get(), ready.data(), ready.size(), patience_ms(tasks_wait));
    for (int i = 0; i < count && !stopping_; ++i) {
      if (ready[static_cast<std::size_t>(i)].data.u64 != 0) {
        on_ready_(ready[static_cast<std::size_t>(i)].data.u64);
        continue;
      }
      std::uint64_t woken = 0;
      if (::read(wake_.get(), &woken, sizeof woken) < 0) continue;
    }
    if (stopping_) return;
    post_due();
    tasks_wait = run_one_task();
  }
}

}  // namespace hansa
