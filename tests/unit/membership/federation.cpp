#include "tests/unit/membership/federation.hpp"

#include <cstdio>

#include "protocol/membership/sizes.hpp"

namespace hansa::testing {

namespace {

std::uint64_t mix(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325u) {
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

template <class Blob>
Blob fill(std::uint64_t seed) {
  Blob blob;
  Rng rng(seed);
  for (auto& byte : blob.bytes) byte = static_cast<std::uint8_t>(rng.next());
  return blob;
}

Signature sign_bytes(std::string_view bytes, const IdentityKey& by) {
  const std::string_view key(reinterpret_cast<const char*>(by.bytes.data()), by.bytes.size());
  return fill<Signature>(mix(bytes, mix(key)));
}

// As long as a real record of three pools: keys, endpoints, region, pools.
std::string bytes_of(const SiteRecord& record) {
  auto text = record.site.value + '|' + std::to_string(record.incarnation.value) + '|' +
              std::to_string(record.version) + '|' + to_hex(record.store) + '|' + record.region + '|';
  text.append(reinterpret_cast<const char*>(record.identity.bytes.data()), record.identity.bytes.size());
  text.resize(std::max<std::size_t>(text.size(), 360), '.');
  return text;
}

std::string bytes_of(const CapacityDigest& digest) {
  auto text = digest.site.value + '|' + std::to_string(digest.incarnation.value) + '|' +
              std::to_string(digest.version.value) + '|';
  for (const auto& pool : digest.pools) text += pool.pool + '=' + std::to_string(pool.units_free) + ',';
  text.resize(std::max<std::size_t>(text.size(), 160), '.');
  return text;
}

}  // namespace

SiteName site(int index) {
  char text[16];
  std::snprintf(text, sizeof text, "s%03d", index);
  return {text};
}

IdentityKey identity_of(const SiteName& name) {
  return fill<IdentityKey>(mix(name.value));
}

SignedRecord FakeSignatures::sign(SiteRecord record) const {
  auto bytes = bytes_of(record);
  auto signature = sign_bytes(bytes, identity());
  return {std::move(record), std::move(bytes), signature};
}
SignedDigest FakeSignatures::sign(CapacityDigest digest) const {
  auto bytes = bytes_of(digest);
  auto signature = sign_bytes(bytes, identity());
  return {std::move(digest), std::move(bytes), signature};
}
bool FakeSignatures::verify(const SignedRecord& record) const {
  ++checks_total;
  return record.signature == sign_bytes(bytes_of(record.value), record.value.identity);
}
bool FakeSignatures::verify(const SignedDigest& digest, const IdentityKey& by) const {
  ++checks_total;
  return digest.signature == sign_bytes(bytes_of(digest.value), by);
}

const Gossip* gossip_in(const Message& message) {
  if (const auto* probe = std::get_if<Probe>(&message)) return &probe->gossip;
  if (const auto* ack = std::get_if<ProbeAck>(&message)) return &ack->gossip;
  if (const auto* request = std::get_if<IndirectProbe>(&message)) return &request->gossip;
  if (const auto* push = std::get_if<GossipPush>(&message)) return &push->gossip;
  if (const auto* answer = std::get_if<PushPullAnswer>(&message)) return &answer->gossip;
  return nullptr;
}

std::size_t message_bytes(const Message& message) {
  std::size_t bytes = 16;
  if (const auto* gossip = gossip_in(message)) bytes += wire_bytes(*gossip);
  if (const auto* ask = std::get_if<PushPull>(&message)) {
    for (const auto& summary : ask->view) bytes += wire_bytes(summary);
  }
  if (const auto* answer = std::get_if<PushPullAnswer>(&message)) bytes += 8 * answer->wanted.size();
  return bytes;
}

Federation::Federation(int sites, std::uint64_t seed, MembershipOptions options, NetworkOptions network)
    : options_(options), network_(network), rng_(seed) {
  for (int i = 0; i < sites; ++i) {
    auto& host = hosts_[site(i)];
    host.name = site(i);
    host.signatures = std::make_unique<FakeSignatures>(host.name);
    host.store = fill<StoreId>(rng_.next());
  }
  for (int i = 0; i < sites; ++i) start(i);
}

SiteRecord Federation::record(int index) {
  return {.site = site(index),
          .store = host(index).store,
          .region = "cn/east/suzhou",
          .identity = identity_of(site(index)),
          .endpoints = {"tcp://10.0.0.1:7700"}};
}

CapacityDigest Federation::digest(int index, std::uint64_t units_free) const {
  return {.site = site(index), .pools = {PoolDigest{.pool = "a100", .units_free = units_free}}};
}

void Federation::start(int index) {
  auto& host = hosts_.at(site(index));
  const Incarnation first{host.facts[Membership::incarnation_fact] + 1};
  host.machine = std::make_unique<Membership>(host.name, options_, *host.signatures, Rng(rng_.next()), first);
  ++host.daemon;
  std::vector<KnownSite> known;
  for (const auto& [name, other] : hosts_) known.push_back({name, identity_of(name)});
  Effects out;
  host.machine->set_known(clock(), known, out);
  host.machine->set_own_record(record(index));
  host.machine->publish(digest(index, 1));
  host.machine->start(clock(), out);
  carry_out(host, std::move(out));
}

void Federation::kill(int index) {
  auto& host = hosts_.at(site(index));
  host.machine.reset();
  ++host.daemon;
}

void Federation::lose_store(int index) {
  auto& host = hosts_.at(site(index));
  host.facts.clear();
  host.store = fill<StoreId>(rng_.next());
}

void Federation::isolate(int index) {
  for (int i = 0; i < size(); ++i) {
    if (i != index) cut_both(i, index);
  }
}

void Federation::partition(int first_of_second_half) {
  for (int a = 0; a < first_of_second_half; ++a) {
    for (int b = first_of_second_half; b < size(); ++b) cut_both(a, b);
  }
}

void Federation::run_for(Duration duration) {
  const auto end = now_ + duration;
  while (!queue_.empty() && queue_.begin()->first.first <= end) handle_next();
  now_ = end;
}

bool Federation::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = now_ + limit;
  while (now_ < end) {
    if (done()) return true;
    run_for(options_.period / 10);
  }
  return done();
}

void Federation::handle_next() {
  auto node = queue_.extract(queue_.begin());
  now_ = node.key().first;
  auto& event = node.mapped();
  auto& host = hosts_.at(event.to);
  if (host.daemon != event.daemon || !host.machine) return;
  if (now_ < host.frozen_until) return schedule(host.frozen_until, std::move(event));
  event.act(host);
}

void Federation::arm(Host& host) {
  if (const auto timer = timers_.find(host.name); timer != timers_.end()) {
    queue_.erase(timer->second);
    timers_.erase(timer);
  }
  if (!host.machine) return;
  const auto deadline = host.machine->deadline();
  if (!deadline) return;
  const auto at = std::max(*deadline, now_) + host.slow_by;
  schedule(at, {host.name, host.daemon, [this](Host& woken) {
                  timers_.erase(woken.name);
                  Effects out;
                  woken.machine->tick(clock(), out);
                  carry_out(woken, std::move(out));
                }});
  timers_[host.name] = {at, order_};
}

void Federation::perform(int index) {
  carry_out(host(index), std::exchange(effects, {}));
}

// Durable before visible, as the real perform() does it; a daemon killed before its disk is done says nothing.
void Federation::carry_out(Host& host, Effects out) {
  watch(host);
  for (const auto& send : out.send) transmit(host, send);
  if (!out.persist.empty() || !out.send_durable.empty()) {
    schedule(now_ + network_.disk, {host.name, host.daemon, [this, out = std::move(out)](Host& written) {
                                      for (const auto& record : out.persist) {
                                        const auto& fact = std::get<PutFact>(record);
                                        written.facts[fact.name] = fact.value;
                                      }
                                      for (const auto& send : out.send_durable) transmit(written, send);
                                    }});
  }
  arm(host);
}

void Federation::transmit(Host& from, const Send& send) {
  if (on_send) on_send(from.name, send.to, send.message);
  if (send.to == from.name) return deliver(from, from.name, send.message);
  watch_incarnation(from, send.message);
  const auto bytes = message_bytes(send.message);
  from.bytes_sent += bytes;
  ++from.messages_sent;
  if (const auto* gossip = gossip_in(send.message);
      gossip && !in_push_pull_ && !std::holds_alternative<PushPullAnswer>(send.message)) {
    const auto items = gossip->updates.size() + gossip->records.size() + gossip->digests.size();
    if (items > 1) from.gossip_bytes_max = std::max(from.gossip_bytes_max, wire_bytes(*gossip));
  }
  note(static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^ mix(send.to.value) ^ bytes);
  if (cuts_.contains({from.name, send.to}) || rng_.unit() < network_.loss) return;
  const auto jitter = static_cast<std::uint64_t>(network_.jitter.count());
  const auto& to = hosts_.at(send.to);
  const auto delay = network_.latency + Duration(static_cast<Duration::rep>(rng_.below(jitter + 1))) + to.slow_by;
  schedule(now_ + delay, {send.to, to.daemon, [this, sender = from.name, message = send.message](Host& receiver) {
                            deliver(receiver, sender, message);
                          }});
}

void Federation::deliver(Host& to, const SiteName& from, const Message& message) {
  Effects out;
  const auto hand_over = [&](const auto& content) {
    if constexpr (requires { to.machine->step(clock(), from, content, out); }) {
      to.machine->step(clock(), from, content, out);
    }
  };
  std::visit(hand_over, message);
  in_push_pull_ = std::holds_alternative<PushPullAnswer>(message);
  carry_out(to, std::move(out));
  in_push_pull_ = false;
}

void Federation::inject(int from, int to, Message message) {
  deliver(host(to), site(from), message);
}

void Federation::watch(Host& host) {
  if (!host.machine) return;
  for (auto& event : host.machine->take_events()) {
    const auto* changed = std::get_if<MemberChanged>(&event);
    if (changed && changed->state == MemberState::failed && hosts_.at(changed->site).machine) ++false_failures_;
    if (changed) note(mix(changed->site.value, static_cast<std::uint64_t>(changed->state)));
    host.events.push_back(std::move(event));
  }
}

void Federation::watch_incarnation(const Host& host, const Message& message) {
  const auto* gossip = gossip_in(message);
  if (!gossip) return;
  const auto found = host.facts.find(Membership::incarnation_fact);
  const auto persisted = found == host.facts.end() ? 0 : found->second;
  for (const auto& record : gossip->records) {
    if (record.value.site == host.name && record.value.incarnation.value > persisted) spoke_unpersisted_ = true;
  }
  for (const auto& digest : gossip->digests) {
    if (digest.value.site == host.name && digest.value.incarnation.value > persisted) spoke_unpersisted_ = true;
  }
}

MemberState Federation::seen(int by, int whom) {
  const auto* member = at(by).find(site(whom));
  return member ? member->state : MemberState::left;
}

std::uint64_t Federation::units_free_seen(int by, int whom) {
  const auto* member = at(by).find(site(whom));
  return member && member->digest ? member->digest->value.pools.at(0).units_free : 0;
}

bool Federation::all_see(int whom, MemberState state) {
  for (int by = 0; by < size(); ++by) {
    if (by != whom && up(by) && (!knows(by, whom) || seen(by, whom) != state)) return false;
  }
  return true;
}

bool Federation::all_see_all_alive() {
  for (int whom = 0; whom < size(); ++whom) {
    if (up(whom) && !all_see(whom, MemberState::alive)) return false;
  }
  return true;
}

}  // namespace hansa::testing
