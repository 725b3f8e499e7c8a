// The one place where a site's actors are spawned, wired and supervised.
//
// A store that fails, or a brain that does, stops the site: what they knew is on disk, and a restart reads it. Any
// other shell that fails is started again with a growing pause, and the site shows as degraded meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "actors/intake.hpp"
#include "actors/site.hpp"
#include "protocol/controller/controller.hpp"

namespace hansa {

// Wires adapters to actors: hand these to the adapters when they are made, before there are actors.
class Inbox : public TransportHandler, public BackendHandler, public StagingHandler {
 public:
  explicit Inbox(std::shared_ptr<Addresses> addresses) : addresses_(std::move(addresses)) {}

  // Bulk frames go straight to staging, which has threads of its own.
  void set_staging(staging::StagingService* staging) { staging_ = staging; }

  void on_frame(const SiteName& from, Lane lane, std::string_view frame) override;
  void on_link(const SiteName& peer, Lane lane, bool up) override;
  void on_event(BackendEvent event) override;
  void on_event(StagingEvent event) override;

  // Frames dropped because too much of their sender waited.
  std::uint64_t frames_refused_total() const { return intake_.refused_total(); }

 private:
  void take_in(const SiteName& from, std::string_view frame);
  void note_flood(const SiteName& from);

  std::shared_ptr<Addresses> addresses_;
  std::atomic<staging::StagingService*> staging_{nullptr};
  std::atomic<std::uint64_t> bad_bulk_frames_{0};
  Intake intake_;
  std::map<SiteName, std::chrono::steady_clock::time_point> floods_noted_;  // by the transport's thread alone
};

class SiteSystem {
 public:
  // `on_fatal` is called once, from any thread, when the site can't go on.
  SiteSystem(SitePorts ports, std::shared_ptr<Addresses> addresses, std::function<void(std::string)> on_fatal);
  ~SiteSystem();

  void start(std::unique_ptr<Controller> controller, StoredState stored);
  void ask(Caller caller, ApiCall call, std::function<void(ApiReply)> answer);
  void set_peers(std::vector<KnownSite> known);
  void set_policy(std::shared_ptr<const Policy> policy);
  // Gives back what can be, says goodbye, lets the store finish. Blocks for a bounded time.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hansa
