// The shells of backend and staging: commands in, carried out where blocking does no harm. Their events come back to
// the controller through the handlers in system.cpp.
#pragma once

#include <memory>

#include "actors/caf.hpp"
#include "actors/messages.hpp"
#include "actors/site.hpp"

namespace hansa {

class BackendActor : public caf::event_based_actor {
 public:
  BackendActor(caf::actor_config& config, SitePorts ports);
  caf::behavior make_behavior() override;

 private:
  SitePorts ports_;
  void perform(BackendCommand& command) const;
};

class StagingActor : public caf::event_based_actor {
 public:
  StagingActor(caf::actor_config& config, SitePorts ports);
  caf::behavior make_behavior() override;

 private:
  SitePorts ports_;
  void perform(StagingCommand& command) const;
};

}  // namespace hansa
