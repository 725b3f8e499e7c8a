// The controller's shell: a message in, one step of the brain, its effects performed, the one timer armed.
//
// It is the only thread of control that the brain ever sees. Nothing in here decides anything about the protocol.
#pragma once

#include <memory>

#include "actors/caf.hpp"
#include "actors/messages.hpp"
#include "actors/outbox.hpp"
#include "actors/site.hpp"
#include "protocol/controller/controller.hpp"

namespace hansa {

class ControllerActor : public caf::event_based_actor {
 public:
  ControllerActor(caf::actor_config& config, std::unique_ptr<Controller> controller, StoredState stored,
                  SitePorts ports, std::shared_ptr<Addresses> addresses, std::shared_ptr<Committer> committer,
                  std::shared_ptr<Outbox> outbox);

  caf::behavior make_behavior() override;

 private:
  std::unique_ptr<Controller> controller_;
  StoredState stored_;
  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  std::shared_ptr<Committer> committer_;
  std::shared_ptr<Outbox> outbox_;
  Instant armed_ = end_of_time;
  std::uint64_t alarm_ = 0;  // the one that is set for then; earlier ones are not called off, but not heard either
  bool greeted_ = false;

  // Runs one event through the brain and performs what comes of it.
  template <class Step>
  void dispatch(Step step);
  void flush();
  void hear_own();
  void write();
  void greet_once_ready();
  void arm();
  void start();
  void stop(const StopSite& message);
  void ask(UserAsks& message);
};

}  // namespace hansa
