// Porter: files that travel between simulated sites. It takes time, waits for peers that are away and for room on the
// disk, and now and then fails for good. What a daemon asked of it goes with that daemon.
#pragma once

#include <functional>
#include <set>
#include <utility>

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
  enum class Way : std::uint8_t { in, home };
  using Travel = std::pair<RunKey, Way>;

  void on(const FetchInputs& command) {
    const Travel travel{command.run, Way::in};
    if (!under_way_.insert(travel).second) return;
    const bool fails = rng_.unit() < inputs_fail;
    bring(travel, command.origin,
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
    const Travel travel{command.run, Way::home};
    if (!under_way_.insert(travel).second) return;
    bring(travel, command.host, OutputsHome{.run = command.run});
  }
  void on(const BringCheckpoint& command) {
    const Travel travel{command.run, Way::home};
    if (!under_way_.insert(travel).second) return;
    CheckpointHome home{.run = command.run, .host = command.host};
    if (rng_.below(4) != 0) {
      home.payload = command.payload;
      home.bundle_bytes = 1'000;
    }
    bring(travel, command.host, home);
  }
  // What was on its way home goes on: the origin waits for it, though the host may have nothing more to give.
  void on(const DropRunFiles& command) { under_way_.erase({command.run, Way::in}); }
  void on(const DropJobFiles& command) {
    std::erase_if(under_way_, [&](const Travel& travel) { return travel.first.job == command.job; });
  }

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
  void bring(const Travel& travel, const SiteName& from, StagingEvent event) {
    timeline_.after(some_time(5'000), [this, travel, from, event = std::move(event), life = life_] {
      if (life != life_ || !under_way_.contains(travel)) return;
      if (full || !reachable_(from)) return bring(travel, from, event);
      under_way_.erase(travel);
      tell_(event);
    });
  }

  Timeline& timeline_;
  Rng rng_;
  Tell tell_;
  Reachable reachable_;
  std::set<Travel> under_way_;
  std::uint64_t life_ = 0;
};

}  // namespace hansa::sim
