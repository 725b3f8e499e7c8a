// PeerLane: one lane to one peer: dials when that is this side's part, keeps the Link, moves frames.
//
// When the connection in use is lost, everything that waits for it is dropped and the handler is told, even when
// another connection takes over at once. Contract of the port: hansa/ports/transport.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/transport/dial_plan.hpp"
#include "src/transport/dialler.hpp"
#include "src/transport/link.hpp"
#include "src/transport/listener.hpp"
#include "src/transport/outbox.hpp"
#include "src/transport/reactor.hpp"

namespace hansa::transport {

enum class FlushResult : std::uint8_t { idle, more, blocked };

class PeerLane : public DiallerEvents {
 public:
  // Without a listener this side is never dialled on this lane.
  PeerLane(Reactor& reactor, Lane lane, const SiteName& site, const TransportKey& key,
           std::vector<std::string> endpoints, Listener* listener);
  ~PeerLane() override;

  Lane lane() const { return lane_; }
  const std::shared_ptr<Outbox>& outbox() const { return outbox_; }
  bool up() const { return link_.in_use().has_value(); }

  void set_endpoints(std::vector<std::string> endpoints);
  // Sends what waits, as far as the connection takes it.
  FlushResult flush();

  // False when the connection is of no use.
  bool on_accepted(const std::string& routing_id, Run run);
  void on_accepted_message(std::string_view message) { receive(Via::accepted, message); }
  void on_accepted_lost() { lose(Via::accepted); }

  void on_dialled_up(Run run) override;
  void on_dialled_message(std::string_view message) override { receive(Via::dialled, message); }
  void on_dialled_lost() override;

  // Closes both connections and dials again no sooner than `until`.
  void cut(Clock::time_point until);

  void tick();
  Clock::time_point deadline() const;

 private:
  struct Held {
    zmq::message_t message;
    std::size_t frames = 0;
    std::size_t bytes = 0;
  };

  void establish(Via via, Run run);
  void lose(Via via);
  void close(Via via);
  void tell_down();
  void tell_up();
  void receive(Via via, std::string_view message);
  bool hold_next();
  SendResult transmit(Via via);
  void count_sent();

  bool wants_to_dial() const;
  void dial();
  void dial(const std::string& endpoint);
  void dial_in(DialPlan::Pause pause);
  void drop_dialler();
  void dial_failed();

  Reactor& reactor_;
  const Lane lane_;
  const SiteName site_;
  const TransportKey key_;
  Listener* listener_;
  Link link_;
  std::shared_ptr<Outbox> outbox_;
  std::optional<Held> held_;  // taken from the outbox, not yet taken by the connection

  std::vector<std::string> endpoints_;
  DialPlan plan_;
  std::unique_ptr<Dialler> dialler_;
  Clock::time_point dial_at_;
  Clock::time_point spare_until_ = never;  // when a dialled connection that isn't needed is closed
  std::string accepted_;                   // routing id
};

}  // namespace hansa::transport
