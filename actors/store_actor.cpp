#include "actors/store_actor.hpp"

#include <spdlog/spdlog.h>

namespace hansa {

StoreActor::StoreActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses)
    : caf::event_based_actor(config), ports_(std::move(ports)), addresses_(std::move(addresses)) {}

caf::behavior StoreActor::make_behavior() {
  return {
      [this](WriteBatch& message) {
        queue_.append(message.batch.value, std::move(message.records));
        // Everything that waits in the mailbox joins the group before the commit.
        if (!std::exchange(scheduled_, true)) caf::event_based_actor::send(this, CommitWaiting{});
      },
      [this](const CommitWaiting&) { commit(); },
  };
}

void StoreActor::commit() {
  scheduled_ = false;
  if (!stuck_ && queue_.empty()) return;
  const bool was_stuck = stuck_.has_value();
  auto group = was_stuck ? std::move(*stuck_) : queue_.take();
  stuck_.reset();
  const auto result = ports_.store->commit(group.records);
  if (!result) {
    spdlog::critical("event=store_failed error=\"{}\"", result.error().text);
    quit(caf::exit_reason::unhandled_exception);
    return;
  }
  scheduled_ = true;
  if (*result == CommitResult::disk_full) {
    if (!was_stuck) {
      spdlog::error("event=disk_full text=\"no new jobs or bids until there is room; nothing is lost\"");
      addresses_->tell(Role::controller, DiskState{.full = true});
    }
    stuck_ = std::move(group);
    delayed_send(this, std::chrono::seconds(1), CommitWaiting{});
    return;
  }
  if (was_stuck) {
    spdlog::warn("event=disk_has_room");
    addresses_->tell(Role::controller, DiskState{.full = false});
  }
  addresses_->tell(Role::controller, Persisted{BatchNumber{group.through}});
  caf::event_based_actor::send(this, CommitWaiting{});
}

}  // namespace hansa
