// perform(): executes effects, for everybody. Durable before visible is written here and nowhere else.
//
// A machine's effects fall in two: what promises nothing leaves at once; everything else waits until its own records
// and every earlier persist are on disk. With a store that commits in the background the second part waits in a
// DurableQueue for the store's word; batches become durable in the order in which they were issued.
//
// A World has: send(Send), publish(FederationEvent), cut_off(SiteName), commit(BatchNumber, records), and
// release(DurablePart); and audit(notes) if it keeps a book.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "protocol/effects.hpp"

namespace hansa {

using BatchNumber = Counter<struct BatchTag>;

// What waits for the disk.
struct DurablePart {
  std::vector<Send> send;
  std::vector<BackendCommand> backend;
  std::vector<StagingCommand> staging;
  std::vector<Reply> replies;

  bool empty() const { return send.empty() && backend.empty() && staging.empty() && replies.empty(); }
};

class DurableQueue {
 public:
  BatchNumber issue() { return issued_ = issued_.next(); }
  bool is_clear() const { return waiting_.empty() && durable_ == issued_; }
  std::size_t waiting() const { return waiting_.size(); }
  BatchNumber issued() const { return issued_; }
  BatchNumber durable() const { return durable_; }

  void wait(DurablePart part) { waiting_.emplace_back(issued_, std::move(part)); }

  // Everything up to `batch` is on disk: what may be released now, in order.
  std::vector<DurablePart> persisted(BatchNumber batch) {
    durable_ = std::max(durable_, batch);
    std::vector<DurablePart> free;
    while (!waiting_.empty() && waiting_.front().first <= durable_) {
      free.push_back(std::move(waiting_.front().second));
      waiting_.pop_front();
    }
    return free;
  }

 private:
  friend struct InsideView;  // tests/model tells states apart by all that waits

  BatchNumber issued_;
  BatchNumber durable_;
  std::deque<std::pair<BatchNumber, DurablePart>> waiting_;
};

template <class World>
void perform(Effects effects, DurableQueue& queue, World& world) {
  for (auto& message : effects.send) world.send(std::move(message));
  for (auto& event : effects.events) world.publish(std::move(event));
  if constexpr (requires { world.audit(std::move(effects.audit)); }) {
    if (!effects.audit.empty()) world.audit(std::move(effects.audit));
  }
  for (const auto& peer : effects.cut_off) world.cut_off(peer);
  if constexpr (requires { world.admit(std::move(*effects.roster)); }) {  // a world without a door has none to keep
    if (effects.roster) world.admit(std::move(*effects.roster));
  }
  if (!effects.persist.empty()) world.commit(queue.issue(), std::move(effects.persist));
  DurablePart part{std::move(effects.send_durable), std::move(effects.backend), std::move(effects.staging),
                   std::move(effects.replies)};
  if (part.empty()) return;
  if (queue.is_clear()) {
    world.release(std::move(part));
  } else {
    queue.wait(std::move(part));
  }
}

template <class World>
void persisted(BatchNumber batch, DurableQueue& queue, World& world) {
  for (auto& part : queue.persisted(batch)) world.release(std::move(part));
}

}  // namespace hansa
