#include "actors/adapter_actors.hpp"

#include "src/store/payload_lookup.hpp"

namespace hansa {
namespace {

// What the brain only names comes from the journal.
template <class Command>
void attach_payload(const Store& store, Command& command) {
  if constexpr (requires { command.payload; }) {
    if (auto payload = payload_of_run(store, command.run)) command.payload = std::move(*payload);
  }
}

}  // namespace

BackendActor::BackendActor(caf::actor_config& config, SitePorts ports)
    : caf::event_based_actor(config), ports_(std::move(ports)) {}

caf::behavior BackendActor::make_behavior() {
  return {[this](DoBackend& message) {
    for (auto& command : message.commands) perform(command);
  }};
}

void BackendActor::perform(BackendCommand& command) const {
  std::visit([this](auto& content) { attach_payload(*ports_.store, content); }, command);
  ports_.backend->perform(command);
}

StagingActor::StagingActor(caf::actor_config& config, SitePorts ports)
    : caf::event_based_actor(config), ports_(std::move(ports)) {}

caf::behavior StagingActor::make_behavior() {
  return {[this](DoStaging& message) {
    for (auto& command : message.commands) perform(command);
  }};
}

void StagingActor::perform(StagingCommand& command) const {
  std::visit([this](auto& content) { attach_payload(*ports_.store, content); }, command);
  ports_.staging->perform(command);
}

}  // namespace hansa
