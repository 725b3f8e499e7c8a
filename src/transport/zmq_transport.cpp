#include "src/transport/zmq_transport.hpp"

#include <pthread.h>
#include <signal.h>

#include <random>
#include <thread>

#include "src/transport/engine.hpp"
#include "src/transport/envelope.hpp"

namespace hansa {
namespace {

constexpr int sockets_max = 16'384;

transport::Run draw_run() {
  std::random_device random;
  return transport::Run{random()} << 32 | random();
}

transport::Reactor make_reactor(ZmqTransportOptions& options, TransportHandler& handler) {
  return {.handler = handler,
          .keys = {.secret = options.secret_key, .own = options.public_key},
          .run = draw_run(),
          .timing = {.handshake = options.handshake_time,
                     .heartbeat = options.heartbeat_interval,
                     .silence = options.silence_max},
          .dialling = {.yield = options.yield,
                       .pause_first = options.redial_first,
                       .pause_longest = options.redial_longest},
          .bounds = {{{options.queue.frames_max, options.queue.bytes_max},
                      {options.bulk_queue.frames_max, options.bulk_queue.bytes_max}}},
          .notice = std::move(options.notice),
          .goodbye = options.goodbye};
}

TransportKey public_key_of(const std::array<std::uint8_t, 32>& secret) {
  std::array<char, 41> secret_text{}, public_text{};
  TransportKey key;
  zmq_z85_encode(secret_text.data(), secret.data(), secret.size());
  if (zmq_curve_public(public_text.data(), secret_text.data()) == 0)
    zmq_z85_decode(key.bytes.data(), public_text.data());
  return key;
}

// Signals are the main thread's business, not that of a thread which nobody knows of.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

struct ZmqTransport::Parts {
  Parts(ZmqTransportOptions& options, TransportHandler& handler) : reactor(make_reactor(options, handler)) {
    reactor.context.set(zmq::ctxopt::max_sockets, sockets_max);
    engine = std::make_unique<transport::Engine>(reactor, mailroom);
  }

  transport::Reactor reactor;
  transport::Mailroom mailroom;
  std::unique_ptr<transport::Engine> engine;
  std::array<std::vector<std::string>, 2> endpoints;
  std::thread thread;
};

ZmqTransport::ZmqTransport(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<ZmqTransport>> ZmqTransport::start(ZmqTransportOptions options, TransportHandler& handler) try {
  if (public_key_of(options.secret_key) != options.public_key)
    return usage_error(
        "cannot start the transport: its secret key does not belong to its public key; restore both "
        "from one backup or make new ones");
  const SignalsBlocked in_new_threads;
  auto parts = std::make_unique<Parts>(options, handler);
  for (const Lane lane : {Lane::control, Lane::bulk}) {
    auto listening = parts->engine->listen(lane, lane == Lane::control ? options.listen : options.bulk_listen);
    if (!listening) return listening.error();
    parts->endpoints[transport::index_of(lane)] = parts->engine->endpoints(lane);
  }
  parts->thread = std::thread([raw = parts.get()] {
    raw->engine->run();
    raw->engine.reset();  // sockets are closed by the thread that used them
  });
  return std::unique_ptr<ZmqTransport>(new ZmqTransport(std::move(parts)));
} catch (const std::exception& problem) {
  return internal_error(std::string("cannot start the transport: ") + problem.what());
}

ZmqTransport::~ZmqTransport() {
  parts_->mailroom.post(transport::Stop{});
  parts_->thread.join();
}

bool ZmqTransport::send(const SiteName& to, Lane lane, std::string frame, Haste haste) {
  const bool queued =
      frame.size() <= transport::frame_bytes_max(lane) && parts_->mailroom.send(to, lane, std::move(frame), haste);
  if (!queued) ++parts_->reactor.counters.frames_dropped;
  return queued;
}

void ZmqTransport::set_peers(std::vector<PeerAddress> peers) {
  parts_->mailroom.post(transport::SetPeers{std::move(peers)});
}

void ZmqTransport::cut_off(const SiteName& peer, std::uint32_t for_how_long_ms) {
  parts_->mailroom.post(transport::CutOff{peer, for_how_long_ms});
}

TransportCounters ZmqTransport::counters() const {
  const auto& counted = parts_->reactor.counters;
  return {.frames_sent_total = counted.frames_sent,
          .frames_received_total = counted.frames_received,
          .bytes_sent_total = counted.bytes_sent,
          .bytes_received_total = counted.bytes_received,
          .frames_dropped_total = counted.frames_dropped,
          .frames_refused_total = counted.frames_refused,
          .handshakes_refused_total = counted.handshakes_refused};
}

std::vector<std::string> ZmqTransport::endpoints(Lane lane) const {
  return parts_->endpoints[transport::index_of(lane)];
}

TransportKeyPair make_transport_keys() {
  std::array<char, 41> public_text{}, secret_text{};
  zmq_curve_keypair(public_text.data(), secret_text.data());
  TransportKeyPair keys;
  zmq_z85_decode(keys.public_key.bytes.data(), public_text.data());
  zmq_z85_decode(keys.secret_key.data(), secret_text.data());
  return keys;
}

std::string transport::to_word(Lane lane) {
  return lane == Lane::control ? "control" : "bulk";
}

}  // namespace hansa
