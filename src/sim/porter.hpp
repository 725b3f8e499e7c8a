// Porter: files that travel between simulated sites. It takes time, waits for peers that are away and for room on the
// disk, and now and then fails for good. What a daemon asked of it goes with that daemon.
#pragma once

#include <functional>
#include <set>

#include "hansa/ports/staging.hpp"
#include "hansa/types/rng.hpp"
#include "src/sim/timeline.hpp"

namespace hansa::sim {

class Porter {
 public:
  using Tell = std::function<void(StagingEvent event)>;
  using Reachable = std::function<bool(const SiteName& peer)>;

  Porter(Timeline& timeline, Rng rng, Tell tell, Reachable reachable)
      : timeline_(timeline), rng_(rng), tell_(std::move(tell)), reachable_(std::move(reachable)) {}

  double inputs_fail = 0;  // how often inputs can never be had
  bool full = false;       // no room: everything waits

  void perform(const StagingCommand& command) {
    std::visit([this](const auto& content) { on(content); }, command);
  }
  // The daemon is gone.
  void crash() {
    ++life_;
    under_way_.clear();
  }

 private:
  void on(const FetchInputs& command) {
    if (!under_way_.insert(command.run).second) return;
    const bool fails = rng_.unit() < inputs_fail;
    bring(command.run, command.origin,
          fails ? StagingEvent{InputsFailed{command.run, "a chunk is gone"}} : StagingEvent{InputsReady{command.run}});
  }
  void on(const CollectOutputs& command) {
    OutputsCollected event{.run = command.run};
    if (rng_.below(2) == 0) {
      event.outputs.bytes[0] = 1;
      event.bytes = 1'000;
    }
    collect(event);
  }
  void on(const PullOutputs& command) {
    if (!under_way_.insert(command.run).second) return;
    bring(command.run, command.host, OutputsHome{.run = command.run});
  }
  void on(const DropRunFiles& command) { under_way_.erase(command.run); }
  void on(const DropJobFiles&) {}

  Duration some_time(std::uint64_t ms_max) {
    return std::chrono::milliseconds(1 + static_cast<std::int64_t>(rng_.below(ms_max)));
  }
  void collect(const OutputsCollected& event) {
    timeline_.after(some_time(500), [this, event, life = life_] {
      if (life != life_) return;
      if (full) return collect(event);
      tell_(event);
    });
  }
  // Tried again until the peer is there, unless nobody wants it any more.
  void bring(const RunKey& run, const SiteName& from, StagingEvent event) {
    timeline_.after(some_time(5'000), [this, run, from, event = std::move(event), life = life_] {
      if (life != life_ || !under_way_.contains(run)) return;
      if (full || !reachable_(from)) return bring(run, from, event);
      under_way_.erase(run);
      tell_(event);
    });
  }

  Timeline& timeline_;
  Rng rng_;
  Tell tell_;
  Reachable reachable_;
  std::set<RunKey> under_way_;
  std::uint64_t life_ = 0;
};

}  // namespace hansa::sim
