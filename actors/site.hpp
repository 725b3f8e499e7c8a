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
#include "hansa/api.hpp"
#include "hansa/ports/backend.hpp"
#include "hansa/ports/clock.hpp"
#include "hansa/ports/staging.hpp"
#include "hansa/ports/store.hpp"
#include "hansa/ports/transport.hpp"

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
  void clear() {
    const std::lock_guard lock(mutex_);
    actors_ = {};
  }

 private:
  mutable std::mutex mutex_;
  std::array<caf::actor, role_count> actors_;
};

// A sink for staging commands; the service behind it owns its threads.
class StagingPort {
 public:
  virtual ~StagingPort() = default;
  virtual void perform(const StagingCommand& command) = 0;
  virtual void on_bulk_frame(const SiteName& from, std::string_view frame) = 0;
  virtual void on_link(const SiteName& peer, bool up) = 0;
};

struct SitePorts {
  SiteName site;
  Clock* clock = nullptr;
  Store* store = nullptr;
  Transport* transport = nullptr;
  Backend* backend = nullptr;
  StagingPort* staging = nullptr;
  std::function<void(const FederationEvent&)> publish = [](const FederationEvent&) {};
};

}  // namespace hansa
