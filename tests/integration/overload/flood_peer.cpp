// A site that asks too much of another: it answers probes as a member does, and floods one peer with calls for bids,
// with gossip or with probes of its own. What it heard meanwhile is printed as JSON.
//
//   flood_peer CONFIG PEER calls|gossip|probes RATE_PER_S SECONDS
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "protocol/wire/session.hpp"
#include "protocol/wire/urgency.hpp"
#include "src/config/site_config.hpp"
#include "src/identity/sodium.hpp"
#include "src/identity/sodium_signatures.hpp"
#include "src/transport/zmq_transport.hpp"

namespace hansa {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Member final : public TransportHandler {
 public:
  Member(SiteConfig config, const SiteKeys& keys)
      : config_(std::move(config)), keys_(keys), signatures_(keys), daemon_(random_key<DaemonId>()) {
    record_ = {.site = config_.site,
               .incarnation = Incarnation{1},
               .store = random_key<StoreId>(),
               .region = config_.region,
               .identity = keys.identity,
               .transport = keys.transport,
               .protocol = spoken_versions,
               .pools = config_.pools};
  }

  bool join() {
    ZmqTransportOptions options{.public_key = keys_.transport, .secret_key = keys_.transport_secret.bytes};
    auto started = ZmqTransport::start(std::move(options), *this);
    if (!started) return false;
    transport_ = std::move(*started);
    std::vector<PeerAddress> peers;
    for (const auto& peer : config_.peers) peers.push_back(peer.address);
    transport_->set_peers(std::move(peers));
    return true;
  }

  bool knows(const SiteName& peer) {
    const std::lock_guard lock(mutex_);
    return sessions_[peer].version().has_value();
  }

  // --- From the transport's thread.
  void on_link(const SiteName& peer, Lane lane, bool up) override {
    if (lane != Lane::control) return;
    const std::lock_guard lock(mutex_);
    auto& session = sessions_[peer];
    session.close();
    const Hello hello{.protocol = spoken_versions, .daemon = daemon_, .record = signatures_.sign(record_)};
    if (up) transport_->send(peer, Lane::control, session.open(hello), Haste::urgent);
  }
  void on_frame(const SiteName& from, Lane lane, std::string_view frame) override {
    if (lane != Lane::control) return;
    const std::lock_guard lock(mutex_);
    const Instant now{std::chrono::duration_cast<Duration>(Clock::now().time_since_epoch())};
    const auto verdict = sessions_[from].receive(now, frame);
    if (const auto* delivered = std::get_if<Deliver>(&verdict)) {
      for (const auto& message : delivered->messages) hear(from, message);
    } else {
      ++heard_["not understood"];
    }
  }

  // --- The flood.
  void say(const SiteName& to, Message message) {
    const std::lock_guard lock(mutex_);
    send(to, std::move(message));
  }
  void flood_once(const SiteName& to, const std::string& kind) {
    ++flooded_;
    if (kind == "calls") return say(to, call());
    if (kind == "probes") return say(to, Probe{.sequence = flooded_});
    say(to, GossipPush{.gossip = gossip()});
  }
  // Apart from the flood: is anybody listening?
  void probe(const SiteName& to) {
    ++probes_asked_;
    say(to, Probe{.sequence = own_probe});
  }

  void print() {
    const std::lock_guard lock(mutex_);
    std::printf("{\"flooded\": %llu, \"dropped_here\": %llu, \"probes_asked\": %llu, \"probes_answered\": %llu",
                static_cast<unsigned long long>(flooded_), static_cast<unsigned long long>(dropped_),
                static_cast<unsigned long long>(probes_asked_), static_cast<unsigned long long>(probes_answered_));
    print_counts("heard", heard_);
    print_counts("declined", declined_);
    std::printf("}\n");
  }

 private:
  static constexpr std::uint64_t own_probe = ~std::uint64_t{0};

  void send(const SiteName& to, Message message) {
    const auto haste = is_urgent(message) ? Haste::urgent : Haste::ordinary;
    for (auto& frame : sessions_[to].seal({std::move(message)})) {
      if (!transport_->send(to, Lane::control, std::move(frame), haste)) ++dropped_;
    }
  }
  void hear(const SiteName& from, const Message& message) {
    ++heard_[std::string(name_of(message))];
    if (const auto* probe = std::get_if<Probe>(&message)) send(from, ProbeAck{.sequence = probe->sequence});
    if (const auto* ask = std::get_if<IndirectProbe>(&message)) send(from, ProbeNack{.sequence = ask->sequence});
    if (std::holds_alternative<PushPull>(message)) send(from, PushPullAnswer{});
    if (const auto* ack = std::get_if<ProbeAck>(&message)) probes_answered_ += ack->sequence == own_probe ? 1 : 0;
    if (const auto* decline = std::get_if<Decline>(&message)) {
      auto word = std::string(to_word(decline->reason));
      if (decline->retry_after > Duration{0}) word += ", says when to come back";
      ++declined_[word];
    }
  }
  // No two alike: none is answered from what was reckoned for another.
  Message call() {
    JobRequest request{.name = "flood", .user = "flood"};
    request.resources.per_node.cores = 1;
    request.resources.time_limit = std::chrono::seconds(60 + static_cast<int>(flooded_ % 10'000));
    return CallForBids{.call = CallId{flooded_}, .request = request, .answer_by = milliseconds(200)};
  }
  // News each time, truly signed: what a site must look at before it can know better.
  Gossip gossip() {
    record_.version = flooded_;
    Gossip gossip{.records = {signatures_.sign(record_)}};
    for (const auto& peer : config_.peers) {
      const MemberUpdate claim{.site = peer.address.site, .incarnation = Incarnation{1}, .reporter = config_.site};
      gossip.updates.insert(gossip.updates.end(), 20, claim);
    }
    return gossip;
  }
  static void print_counts(const char* name, const std::map<std::string, std::uint64_t>& counts) {
    std::printf(", \"%s\": {", name);
    const char* comma = "";
    for (const auto& [word, count] : counts) {
      std::printf("%s\"%s\": %llu", comma, word.c_str(), static_cast<unsigned long long>(count));
      comma = ", ";
    }
    std::printf("}");
  }

  SiteConfig config_;
  SiteKeys keys_;
  SodiumSignatures signatures_;
  DaemonId daemon_;
  SiteRecord record_;
  std::mutex mutex_;
  std::map<SiteName, Session> sessions_;
  std::map<std::string, std::uint64_t> heard_, declined_;
  std::uint64_t flooded_ = 0, dropped_ = 0, probes_asked_ = 0, probes_answered_ = 0;
  std::unique_ptr<ZmqTransport> transport_;  // last: its thread ends first
};

void flood(Member& member, const SiteName& peer, const std::string& kind, double rate_per_s, double length_s) {
  const auto began = Clock::now();
  const auto elapsed_s = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  double said = 0, probed = 0;
  for (double now_s = 0; now_s < length_s; now_s = elapsed_s()) {
    for (; said < now_s * rate_per_s && elapsed_s() < length_s; ++said) member.flood_once(peer, kind);
    for (; probed < now_s * 5; ++probed) member.probe(peer);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

int run(char** words) {
  ensure_sodium();
  auto config = load_config(words[1]);
  if (!config) return std::fprintf(stderr, "%s\n", config.error().text.c_str()), 1;
  const auto keys = load_keys(config->keys);
  if (!keys) return std::fprintf(stderr, "%s\n", keys.error().text.c_str()), 1;
  const SiteName peer{words[2]};
  Member member(std::move(*config), *keys);
  if (!member.join()) return 1;
  for (int tries = 0; !member.knows(peer); ++tries) {
    if (tries == 3'000) return std::fprintf(stderr, "%s does not greet\n", words[2]), 1;
    std::this_thread::sleep_for(milliseconds(10));
  }
  flood(member, peer, words[3], std::atof(words[4]), std::atof(words[5]));
  // What is on its way still comes.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  member.print();
  return 0;
}

}  // namespace
}  // namespace hansa

int main(int count, char** words) {
  if (count != 6) return std::fprintf(stderr, "flood_peer CONFIG PEER calls|gossip|probes RATE_PER_S SECONDS\n"), 2;
  return hansa::run(words);
}
