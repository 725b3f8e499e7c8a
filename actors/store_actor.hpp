// The store's shell: commits what the brain left to it, one group at a time, and releases what waited for it. Runs in a
// thread of its own.
//
// A store that fails ends this actor, and its supervisor the site: what is on disk is then known only after a restart.
// A full disk is no failure: the batch stays and is tried again until there is room; the brain is told before that,
// when little is left, so that it takes nothing new.
#pragma once

#include <memory>
#include <optional>

#include "actors/caf.hpp"
#include "actors/committer.hpp"
#include "actors/messages.hpp"
#include "actors/outbox.hpp"
#include "actors/site.hpp"

namespace hansa {

class StoreActor : public caf::event_based_actor {
 public:
  StoreActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses,
             std::shared_ptr<Committer> committer, std::shared_ptr<Outbox> outbox);
  caf::behavior make_behavior() override;

 private:
  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  std::shared_ptr<Committer> committer_;
  std::shared_ptr<Outbox> outbox_;
  bool stuck_ = false;  // the disk was full, and it is tried again soon
  std::optional<bool> told_full_;

  void commit();
  void look_at_disk();
};

}  // namespace hansa
