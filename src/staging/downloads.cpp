#include "src/staging/downloads.hpp"

#include <algorithm>

namespace hansa::staging {

void Downloads::want(const TransferKey& key, const SiteName& peer, const std::vector<ContentHash>& missing) {
  auto& transfer = transfers_[key];
  transfer.peer = peer;
  for (const auto& hash : missing) {
    if (!chunks_[hash].waiting.insert(key).second) continue;
    ++transfer.waiting;
    transfer.queue.push_back(hash);
  }
  auto& turns = peers_[peer].turns;
  if (std::find(turns.begin(), turns.end(), key) == turns.end()) turns.push_back(key);
}

void Downloads::drop(const TransferKey& key) {
  const auto transfer = transfers_.find(key);
  if (transfer == transfers_.end()) return;
  const auto peer = transfer->second.peer;
  transfers_.erase(transfer);
  for (auto chunk = chunks_.begin(); chunk != chunks_.end();) {
    chunk->second.waiting.erase(key);
    const bool wanted = !chunk->second.waiting.empty();
    const auto flight = in_flight_.find(chunk->first);
    // Asked for this transfer only by chance: those who still wait ask for themselves, under their own right.
    if (flight != in_flight_.end() && flight->second.transfer == key) end_flight(chunk->first);
    chunk = wanted ? std::next(chunk) : chunks_.erase(chunk);
  }
  auto& turns = peers_[peer].turns;
  std::erase(turns, key);
  forget_if_idle(peer);
}

void Downloads::link(const SiteName& name, bool up, Instant now) {
  const auto found = peers_.find(name);
  if (found == peers_.end()) return;
  std::vector<ContentHash> lost;
  for (const auto& [hash, flight] : in_flight_) {
    if (flight.peer == name && !flight.storing) lost.push_back(hash);
  }
  for (const auto& hash : lost) take_back(hash);
  auto& peer = found->second;
  if (up) {
    pause(peer, now);
    peer.back_off = Duration{0};
  } else {
    back_off(peer, now);
  }
}

std::vector<Downloads::Ask> Downloads::due(Instant now) {
  take_back_lost(now);
  std::vector<Ask> asks;
  for (auto& [name, peer] : peers_) {
    if (peer.paused && peer.resume_at > now) continue;
    peer.paused = false;
    fill(name, peer, now, asks);
  }
  return asks;
}

void Downloads::fill(const SiteName& name, Peer& peer, Instant now, std::vector<Ask>& asks) {
  std::size_t fruitless = 0;
  while (fruitless < peer.turns.size() && peer.in_flight < options_.window_per_peer &&
         in_flight_.size() < options_.window_total) {
    const auto key = peer.turns.front();
    peer.turns.pop_front();
    peer.turns.push_back(key);
    const auto hash = next_chunk(key, transfers_.at(key));
    fruitless = hash ? 0 : fruitless + 1;
    if (!hash) continue;
    const auto request = ++requests_;
    in_flight_[*hash] = {.peer = name, .transfer = key, .request = request, .asked = now};
    ++peer.in_flight;
    asks.push_back({name, {.request = request, .run = key.run, .side = key.side, .hash = *hash}});
  }
}

// The first of the queue that is still wanted and not on its way for somebody else.
std::optional<ContentHash> Downloads::next_chunk(const TransferKey& key, Transfer& transfer) {
  for (auto left = transfer.queue.size(); left > 0; --left) {
    const auto hash = transfer.queue.front();
    transfer.queue.pop_front();
    const auto chunk = chunks_.find(hash);
    if (chunk == chunks_.end() || !chunk->second.waiting.contains(key)) continue;
    if (!in_flight_.contains(hash)) return hash;
    transfer.queue.push_back(hash);
  }
  return std::nullopt;
}

void Downloads::not_sent(const Ask& ask, Instant now) {
  take_back(ask.get.hash);
  if (const auto peer = peers_.find(ask.peer); peer != peers_.end() && !peer->second.paused) {
    back_off(peer->second, now);
  }
}

std::optional<TransferKey> Downloads::answered(const SiteName& from, const ContentHash& hash, Instant now) {
  const auto flight = in_flight_.find(hash);
  if (flight == in_flight_.end() || flight->second.peer != from || flight->second.storing) return std::nullopt;
  flight->second.storing = true;
  auto& peer = peers_.at(from);
  const auto took = std::max(now - flight->second.asked, Duration{1});
  peer.latency = peer.latency == Duration{0} ? took : (peer.latency * 7 + took) / 8;
  peer.back_off = Duration{0};
  count_overtaken(from, flight->second.request);
  return flight->second.transfer;
}

void Downloads::count_overtaken(const SiteName& peer, std::uint64_t request) {
  std::vector<ContentHash> lost;
  for (auto& [hash, flight] : in_flight_) {
    if (flight.peer != peer || flight.storing || flight.request > request) continue;
    if (++flight.overtaken >= 2 * options_.window_per_peer) lost.push_back(hash);
  }
  for (const auto& hash : lost) take_back(hash);
}

std::vector<Downloads::Arrival> Downloads::arrived(const ContentHash& hash) {
  std::vector<Arrival> arrivals;
  end_flight(hash);
  const auto chunk = chunks_.find(hash);
  if (chunk == chunks_.end()) return arrivals;
  const auto waiting = std::move(chunk->second.waiting);
  chunks_.erase(chunk);
  for (const auto& key : waiting) {
    const bool complete = --transfers_.at(key).waiting == 0;
    if (complete) drop(key);
    arrivals.push_back({key, complete});
  }
  return arrivals;
}

bool Downloads::again(const ContentHash& hash) {
  const auto chunk = chunks_.find(hash);
  if (chunk == chunks_.end()) {
    end_flight(hash);
    return true;
  }
  if (++chunk->second.damaged >= options_.damaged_max) return false;
  take_back(hash);
  return true;
}

void Downloads::later(const ContentHash& hash, Duration wait, Instant now) {
  const auto flight = in_flight_.find(hash);
  if (flight == in_flight_.end()) return;
  pause(peers_.at(flight->second.peer), now + wait);
  take_back(hash);
}

Downloads::Arrival Downloads::give_up(const TransferKey& key, const ContentHash& hash) {
  if (const auto flight = in_flight_.find(hash); flight != in_flight_.end() && flight->second.transfer == key) {
    end_flight(hash);
  }
  const auto transfer = transfers_.find(key);
  const auto chunk = chunks_.find(hash);
  if (transfer == transfers_.end() || chunk == chunks_.end()) return {key, false};
  if (chunk->second.waiting.erase(key) == 0) return {key, false};
  if (chunk->second.waiting.empty()) chunks_.erase(chunk);
  const bool complete = --transfer->second.waiting == 0;
  if (complete) drop(key);
  return {key, complete};
}

std::vector<TransferKey> Downloads::waiting_for(const ContentHash& hash) const {
  const auto chunk = chunks_.find(hash);
  if (chunk == chunks_.end()) return {};
  return {chunk->second.waiting.begin(), chunk->second.waiting.end()};
}

std::optional<Instant> Downloads::deadline() const {
  auto earliest = end_of_time;
  for (const auto& [hash, flight] : in_flight_) {
    if (!flight.storing) earliest = std::min(earliest, flight.asked + answer_within(peers_.at(flight.peer)));
  }
  for (const auto& [name, peer] : peers_) {
    if (peer.paused && !peer.turns.empty()) earliest = std::min(earliest, peer.resume_at);
  }
  return earliest == end_of_time ? std::nullopt : std::optional(earliest);
}

// Back to the front of the queue of whoever asked; everybody else who waits has it in his own queue still.
void Downloads::take_back(const ContentHash& hash) {
  const auto flight = in_flight_.find(hash);
  if (flight == in_flight_.end()) return;
  const auto key = flight->second.transfer;
  end_flight(hash);
  const auto transfer = transfers_.find(key);
  if (transfer != transfers_.end()) transfer->second.queue.push_front(hash);
}

void Downloads::take_back_lost(Instant now) {
  std::vector<ContentHash> lost;
  std::set<SiteName> silent;
  for (const auto& [hash, flight] : in_flight_) {
    if (flight.storing || flight.asked + answer_within(peers_.at(flight.peer)) > now) continue;
    lost.push_back(hash);
    silent.insert(flight.peer);
  }
  for (const auto& hash : lost) take_back(hash);
  for (const auto& name : silent) {
    if (const auto peer = peers_.find(name); peer != peers_.end()) back_off(peer->second, now);
  }
}

void Downloads::pause(Peer& peer, Instant until) {
  peer.paused = true;
  peer.resume_at = until;
}

void Downloads::back_off(Peer& peer, Instant now) {
  const auto doubled = peer.back_off == Duration{0} ? options_.back_off_min : peer.back_off * 2;
  peer.back_off = std::min(doubled, options_.back_off_max);
  pause(peer, now + peer.back_off);
}

void Downloads::end_flight(const ContentHash& hash) {
  const auto flight = in_flight_.find(hash);
  if (flight == in_flight_.end()) return;
  const auto name = flight->second.peer;
  in_flight_.erase(flight);
  --peers_.at(name).in_flight;
  forget_if_idle(name);
}

void Downloads::forget_if_idle(const SiteName& name) {
  const auto peer = peers_.find(name);
  if (peer != peers_.end() && peer->second.turns.empty() && peer->second.in_flight == 0) peers_.erase(peer);
}

// Four times what it usually takes, as answers to a full window queue up behind each other on a slow link.
Duration Downloads::answer_within(const Peer& peer) const {
  if (peer.latency == Duration{0}) return options_.answer_within_first;
  return std::clamp(peer.latency * 4, options_.answer_within_min, options_.answer_within_max);
}

}  // namespace hansa::staging
