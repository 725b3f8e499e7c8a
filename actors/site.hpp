// What the actors of one site share: the adapters they carry for, and each other's addresses.
//
// Adapters outlive the actors. Addresses are looked up at each send, because an actor that failed is replaced.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "actors/caf.hpp"
#include "actors/run_directory.hpp"
#include "hansa/api.hpp"
#include "hansa/audit.hpp"
#include "hansa/ports/backend.hpp"
#include "hansa/ports/clock.hpp"
#include "hansa/ports/staging.hpp"
#include "hansa/ports/store.hpp"
#include "hansa/ports/transport.hpp"
#include "protocol/wire/versions.hpp"
#include "src/staging/service.hpp"

namespace hansa {

enum class Role : std::uint8_t { controller, store, link, backend, staging };
inline constexpr std::size_t role_count = 5;

class Addresses {
 public:
  void set(Role role, caf::actor actor) {
    const std::lock_guard lock(mutex_);
    actors_[static_cast<std::size_t>(role)] = std::move(actor);
  }
  caf::actor get(Role role) const {
    const std::lock_guard lock(mutex_);
    return actors_[static_cast<std::size_t>(role)];
  }
  template <class T>
  void tell(Role role, T message) const {
    if (const auto actor = get(role)) caf::anon_send(actor, std::move(message));
  }
  // Before all that waits, in the order of what was told this way.
  template <class T>
  void tell_first(Role role, T message) const {
    if (const auto actor = get(role)) caf::anon_send<caf::message_priority::high>(actor, std::move(message));
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    actors_ = {};
  }

 private:
  mutable std::mutex mutex_;
  std::array<caf::actor, role_count> actors_;
};

struct SitePorts {
  SiteName site;
  ProtocolRange protocol = spoken_versions;  // spoken with peers
  Clock* clock = nullptr;
  Store* store = nullptr;
  Transport* transport = nullptr;
  Backend* backend = nullptr;
  staging::StagingService* staging = nullptr;
  RunDirectory* directory = nullptr;
  // Bytes free where the state is kept, and how many must stay free for new work to be taken in.
  std::function<std::uint64_t()> disk_free = [] { return ~std::uint64_t{0}; };
  std::uint64_t disk_free_min = 0;
  std::function<void(const FederationEvent&)> publish = [](const FederationEvent&) {};
  // The operator's book. Any thread; returns at once.
  std::function<void(AuditNote)> audit = [](AuditNote) {};
};

}  // namespace hansa
