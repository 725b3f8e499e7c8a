#include "src/transport/mailroom.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/transport/reactor.hpp"

namespace hansa::transport {

Mailroom::Mailroom() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailroom::~Mailroom() {
  close(wake_);
}

std::shared_ptr<Outbox> Mailroom::outbox_of(const SiteName& site, Lane lane) const {
  const std::shared_lock lock(directory_mutex_);
  const auto it = directory_.find(site);
  return it == directory_.end() ? nullptr : it->second[index_of(lane)];
}

bool Mailroom::send(const SiteName& to, Lane lane, std::string frame, Haste haste) {
  auto outbox = outbox_of(to, lane);
  if (!outbox) return false;
  const PushResult pushed = outbox->push(std::move(frame), haste);
  if (pushed == PushResult::first) {
    {
      const std::scoped_lock lock(news_mutex_);
      announced_.push_back(std::move(outbox));
    }
    tell();
  }
  return pushed != PushResult::refused;
}

void Mailroom::post(Command command) {
  {
    const std::scoped_lock lock(news_mutex_);
    commands_.push_back(std::move(command));
  }
  tell();
}

void Mailroom::tell() {
  news_ = true;
  if (!asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

void Mailroom::list(const SiteName& site, Lane lane, std::shared_ptr<Outbox> outbox) {
  const std::unique_lock lock(directory_mutex_);
  directory_[site][index_of(lane)] = std::move(outbox);
}

void Mailroom::unlist(const SiteName& site) {
  const std::unique_lock lock(directory_mutex_);
  directory_.erase(site);
}

std::vector<Command> Mailroom::commands() {
  news_ = false;
  std::vector<Command> taken;
  const std::scoped_lock lock(news_mutex_);
  taken.swap(commands_);
  return taken;
}

std::vector<std::shared_ptr<Outbox>> Mailroom::announced() {
  std::vector<std::shared_ptr<Outbox>> taken;
  {
    const std::scoped_lock lock(news_mutex_);
    taken.swap(announced_);
  }
  for (const auto& outbox : taken) outbox->heard();
  return taken;
}

bool Mailroom::may_sleep() {
  asleep_ = true;
  if (!news_) return true;
  asleep_ = false;
  return false;
}

bool Mailroom::serve() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto bytes = ::read(wake_, &count, sizeof count);
  return false;
}

}  // namespace hansa::transport
