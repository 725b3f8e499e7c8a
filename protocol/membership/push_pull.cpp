// Push-pull: the whole view as summaries, then only what differs.
//
// Gossip misses some members and a partition misses all; an exchange with one random member at times, and with every
// peer that comes (back) within reach, makes all views converge. Sites that are configured but were never heard of are
// asked as well, so that a site finds its federation; and so are those whose record came by itself and whose digest did
// not, for a peer that answered this site's last life a moment ago doesn't answer again so soon.
#include "protocol/membership/membership.hpp"
#include "protocol/membership/sizes.hpp"

namespace hansa {

namespace {

// Whether `a` knows the record, or the digest under it, in a newer form than `b`.
bool newer_record(const ViewSummary& a, const ViewSummary& b) {
  return a.incarnation != b.incarnation ? a.incarnation > b.incarnation : a.record_version > b.record_version;
}
bool newer_digest(const ViewSummary& a, const ViewSummary& b) {
  return a.incarnation != b.incarnation ? a.incarnation > b.incarnation : a.digest > b.digest;
}
// Whether `a` holds against the member what `b` does not.
bool worse_state(const ViewSummary& a, const ViewSummary& b) {
  if (a.state == MemberState::alive) return false;
  return a.incarnation != b.incarnation ? a.incarnation > b.incarnation : a.state > b.state;
}

std::size_t wire_bytes(const Entry& entry) {
  return wire_bytes(*entry.record) + (entry.digest ? wire_bytes(*entry.digest) : 0);
}

}  // namespace

ViewSummary Entry::summary() const {
  if (!record) return {};
  const auto& value = record->value;
  const bool current = digest && digest->value.incarnation == value.incarnation;
  return {value.site, value.incarnation, state, value.version, current ? digest->value.version : DigestVersion{}};
}

Entry Membership::entry_of(const SiteName& site) const {
  if (site == self_) return {own_.record(), own_.digest(), MemberState::alive};
  const auto* member = view_.find(site);
  if (!member) return {};
  return {&member->record, member->digest ? &*member->digest : nullptr, member->state};
}

void Membership::exchange_views(Instant now, Effects& out) {
  const auto unmet = view_.unmet();
  next_push_pull_at_ = now + (unmet.empty() ? options_.push_pull_every : search_every_);
  search_every_ = std::min(search_every_ * 2, options_.push_pull_every);
  if (!unmet.empty() && (view_.reachable() == 0 || rng_.below(2) == 0)) {
    return ask_push_pull(now, unmet[rng_.below(unmet.size())], out);
  }
  const auto reachable = [](const Member& member) { return member.reachable(); };
  for (const auto& peer : view_.pick(1, rng_, reachable)) ask_push_pull(now, peer, out);
}

// Sites that are configured but unmet are looked for with a back-off that starts anew with every site that turns up:
// where one is, others are known.
void Membership::search_soon(Instant now) {
  if (!running_ || view_.unmet().empty()) return;
  search_every_ = options_.period;
  next_push_pull_at_ = std::min(next_push_pull_at_, now + search_every_);
}

void Membership::ask_push_pull(Instant now, const SiteName& peer, Effects& out) {
  const auto [asked, is_first] = push_pulls_asked_.try_emplace(peer, now);
  if (!is_first && now < asked->second + options_.period) return;
  asked->second = now;
  out.send.push_back({peer, PushPull{summarize()}});
}

std::vector<ViewSummary> Membership::summarize() const {
  std::vector<ViewSummary> view;
  view.reserve(view_.members().size() + 1);
  if (own_.record()) view.push_back(entry_of(self_).summary());
  for (const auto& [site, member] : view_.members()) view.push_back(entry_of(site).summary());
  return view;
}

void Membership::step(const Now& now, const SiteName& from, const PushPull& ask, Effects& out) {
  if (!admit(now, from, out)) return;
  const auto [answered, is_first] = push_pulls_answered_.try_emplace(from, now.instant);
  if (!is_first && now.instant < answered->second + options_.period / 2) return;  // an answer costs us more than them
  answered->second = now.instant;

  std::map<SiteName, ViewSummary> theirs;
  for (const auto& summary : ask.view) {
    theirs.insert_or_assign(summary.site, summary);
    hear_claim(now, from, {summary.site, summary.incarnation, summary.state, from}, Source::summary, out);
  }
  out.send.push_back({from, PushPullAnswer{what_lacks(theirs), what_is_wanted(theirs)}});
}

Gossip Membership::what_lacks(const std::map<SiteName, ViewSummary>& theirs) {
  Gossip gossip;
  std::size_t bytes = 0;
  const auto tell = [&](const SiteName& site) {
    const auto entry = entry_of(site);
    if (!entry.record || bytes > options_.push_pull_bytes_max) return;
    const auto ours = entry.summary();
    const auto found = theirs.find(site);
    const auto known = found == theirs.end() ? ViewSummary{} : found->second;
    const bool record = newer_record(ours, known);
    const bool digest = entry.digest && newer_digest(ours, known);
    if (record) gossip.records.push_back(*entry.record);
    if (digest) gossip.digests.push_back(*entry.digest);
    if (record || digest) bytes += wire_bytes(entry);
    if (worse_state(ours, known)) gossip.updates.push_back({site, ours.incarnation, ours.state, self_});
  };
  tell(self_);
  // From a random place on, so that a view too large for one answer is told in several.
  const auto& names = view_.names();
  const auto start = rng_.below(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) tell(names[(start + i) % names.size()]);
  return gossip;
}

std::vector<SiteName> Membership::what_is_wanted(const std::map<SiteName, ViewSummary>& theirs) const {
  std::vector<SiteName> wanted;
  for (const auto& [site, summary] : theirs) {
    if (site != self_ && !view_.knows(site)) continue;
    const auto ours = entry_of(site).summary();
    if (newer_record(summary, ours) || newer_digest(summary, ours)) wanted.push_back(site);
  }
  return wanted;
}

void Membership::step(const Now& now, const SiteName& from, const PushPullAnswer& answer, Effects& out) {
  if (!admit(now, from, out)) return;
  const auto asked = push_pulls_asked_.find(from);
  const bool solicited = asked != push_pulls_asked_.end() && now.instant < asked->second + options_.period * 5;
  if (!solicited) return;
  hear(now, from, answer.gossip, Source::summary, out);
  GossipPush wanted;
  std::size_t bytes = 0;
  for (const auto& site : answer.wanted) {
    const auto entry = entry_of(site);
    if (bytes > options_.push_pull_bytes_max) break;
    if (!entry.record) continue;
    wanted.gossip.records.push_back(*entry.record);
    if (entry.digest) wanted.gossip.digests.push_back(*entry.digest);
    bytes += wire_bytes(entry);
  }
  if (!wanted.gossip.empty()) out.send.push_back({from, std::move(wanted)});
}

}  // namespace hansa
