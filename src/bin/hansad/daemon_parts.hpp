// What a daemon is made of, and in which order: each part rests on those above it.
//
// daemon_parts.cpp makes them one after the other, each with one clear word if it cannot; daemon.cpp wires them to the
// brain, and keeps and ends the whole.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "actors/api_bridge.hpp"
#include "actors/run_directory.hpp"
#include "actors/system.hpp"
#include "hansa/ports/ids.hpp"
#include "src/audit/audit_log.hpp"
#include "src/bin/hansad/daemon.hpp"
#include "src/bin/hansad/policy_keeper.hpp"
#include "src/clock/boot_clock.hpp"
#include "src/identity/sodium_signatures.hpp"
#include "src/store/sqlite_store.hpp"
#include "src/telemetry/counted_store.hpp"

namespace hansa {

class SodiumIds final : public IdSource {
 public:
  std::array<std::uint8_t, 16> draw() override;
};

// Staging's way out: the transport's lane for what is large, once there is one.
class BulkLane final : public staging::BulkSender {
 public:
  explicit BulkLane(std::unique_ptr<ZmqTransport>& transport) : transport_(transport) {}
  bool send(const SiteName& to, const BulkMessage& message) override;

 private:
  std::unique_ptr<ZmqTransport>& transport_;
};

// Taken down in reverse.
struct Daemon::Parts {
  SiteConfig config;
  SiteKeys keys;
  BootClock clock;
  SodiumIds ids;
  std::shared_ptr<Addresses> addresses = std::make_shared<Addresses>();
  Inbox inbox{addresses};
  std::unique_ptr<SodiumSignatures> signatures;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<TokenBook> tokens;
  PolicyKeeper policy;
  Metrics metrics;
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<CountedStore> counted_store;
  std::unique_ptr<RunDirectory> directory;
  std::unique_ptr<Backend> backend;
  std::unique_ptr<staging::BackendFolders> folders;
  std::unique_ptr<ZmqTransport> transport;
  BulkLane bulk{transport};
  std::atomic<bool> peers_known{false};
  std::unique_ptr<staging::StagingService> staging;
  std::unique_ptr<TrustDesk> trust;
  std::unique_ptr<ApiBridge> api;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<SiteSystem> system;

  const Score* score = nullptr;
  std::function<void()> restart;

  Status open(StoredState& stored);
  Status open_audit();
  Status open_backend();
  Status open_policy();
  Status open_staging(const StoredState& stored);
  Status open_transport();
  Status open_gateway(const StoredState& stored);
  void run(StoredState stored, std::function<void(std::string)> on_fatal);
  void publish(const FederationEvent& event);
};

}  // namespace hansa
