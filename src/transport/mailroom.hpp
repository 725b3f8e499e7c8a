// Mailroom: what other threads and the transport's own hand each other.
//
// A sender touches one outbox and, for the first frame since the transport's thread last looked, one list. The thread
// is woken by a system call only when it sleeps, so that a busy one takes many frames for one wake.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <variant>
#include <vector>

#include "hansa/ports/transport.hpp"
#include "src/transport/outbox.hpp"
#include "src/transport/poller.hpp"

namespace hansa::transport {

struct SetPeers {
  std::vector<PeerAddress> peers;
};
struct CutOff {
  SiteName peer;
  std::uint32_t for_how_long_ms = 0;
};
struct Stop {};
using Command = std::variant<SetPeers, CutOff, Stop>;

class Mailroom : public Pollable {
 public:
  Mailroom();
  ~Mailroom() override;

  // Any thread.
  bool send(const SiteName& to, Lane lane, std::string frame, Haste haste);
  void post(Command command);

  // The transport's thread.
  int fd() const { return wake_; }
  void list(const SiteName& site, Lane lane, std::shared_ptr<Outbox> outbox);
  void unlist(const SiteName& site);
  std::vector<Command> commands();
  // Outboxes with frames that were not there before.
  std::vector<std::shared_ptr<Outbox>> announced();
  // Says that the thread is about to sleep; false when there is news and it must not.
  bool may_sleep();
  void awake() { asleep_ = false; }
  bool serve() override;

 private:
  using Outboxes = std::array<std::shared_ptr<Outbox>, 2>;
  std::shared_ptr<Outbox> outbox_of(const SiteName& site, Lane lane) const;
  void tell();

  int wake_;
  std::atomic<bool> news_{false};
  std::atomic<bool> asleep_{false};
  mutable std::shared_mutex directory_mutex_;
  std::map<SiteName, Outboxes> directory_;
  std::mutex news_mutex_;
  std::vector<std::shared_ptr<Outbox>> announced_;
  std::vector<Command> commands_;
};

}  // namespace hansa::transport
