// The controller's shell: a message in, one step of the brain, its effects performed, the one timer armed.
//
// It is the only thread of control that the brain ever sees. Nothing in here decides anything about the protocol.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "actors/caf.hpp"
#include "actors/messages.hpp"
#include "actors/site.hpp"
#include "protocol/controller/controller.hpp"

namespace hansa {

class ControllerActor : public caf::event_based_actor {
 public:
  ControllerActor(caf::actor_config& config, std::unique_ptr<Controller> controller, StoredState stored,
                  SitePorts ports, std::shared_ptr<Addresses> addresses);

  caf::behavior make_behavior() override;

  // The World of perform().
  void send(Send message);
  void publish(FederationEvent event);
  void cut_off(const SiteName& peer);
  void commit(BatchNumber batch, std::vector<StoreRecord> records);
  void release(DurablePart part);

 private:
  std::unique_ptr<Controller> controller_;
  StoredState stored_;
  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  DurableQueue durable_;
  std::map<Ticket, std::function<void(ApiReply)>> answers_;
  Ticket last_ticket_;
  std::deque<Send> to_self_;
  std::vector<Send> to_peers_;
  Instant armed_ = end_of_time;
  bool greeted_ = false;
  std::function<void()> stopped_;  // to be called when all is durable and said

  // Runs one event through the brain and performs what comes of it.
  template <class Step>
  void dispatch(Step step);
  void deliver_to_self();
  void flush();
  void greet_once_ready();
  void arm();
  void start();
  void stop(const StopSite& message);
  void end_once_durable();
  void ask(UserAsks& message);
  void answer(Reply reply);
};

}  // namespace hansa
