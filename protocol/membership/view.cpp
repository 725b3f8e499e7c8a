#include "protocol/membership/view.hpp"

#include <tuple>

namespace hansa {

namespace {

auto rank(const SiteRecord& record) {
  return std::tuple(record.incarnation, record.version);
}
auto rank(const CapacityDigest& digest) {
  return std::tuple(digest.incarnation, digest.version);
}

}  // namespace

std::vector<SiteName> View::set_known(const std::vector<KnownSite>& sites) {
  known_.clear();
  for (const auto& known : sites) known_.emplace(known.site, known.identity);
  std::vector<SiteName> dropped;
  for (auto& [site, member] : members_) {
    const auto known = known_.find(site);
    if (known == known_.end() || known->second != member.record.value.identity) dropped.push_back(site);
  }
  for (const auto& site : dropped) {
    if (members_.at(site).reachable()) --reachable_;
    members_.erase(site);
    std::erase(names_, site);
  }
  return dropped;
}

std::vector<SiteName> View::unmet() const {
  std::vector<SiteName> sites;
  for (const auto& [site, identity] : known_) {
    const auto* member = find(site);
    if (!member || (member->reachable() && !member->digest)) sites.push_back(site);
  }
  return sites;
}

const Member* View::find(const SiteName& site) const {
  const auto found = members_.find(site);
  return found == members_.end() ? nullptr : &found->second;
}

Member* View::find(const SiteName& site) {
  return const_cast<Member*>(std::as_const(*this).find(site));
}

bool View::is_newer(const SiteRecord& record) const {
  const auto* member = find(record.site);
  return !member || rank(record) > rank(member->record.value);
}

RecordHeard View::learn(Instant now, const SignedRecord& record) {
  const auto& value = record.value;
  const auto known = known_.find(value.site);
  if (known == known_.end() || known->second != value.identity) return {.heard = Heard::stranger};
  if (!is_newer(value)) return {.heard = Heard::stale};
  if (!signatures_.verify(record)) return {.heard = Heard::forged};

  auto* member = find(value.site);
  if (!member) {
    if (members_.size() >= members_max_) return {.heard = Heard::stranger};
    members_.emplace(value.site, Member{.record = record, .since = now, .heard_at = now});
    names_.push_back(value.site);
    ++reachable_;
    return {.heard = Heard::news, .is_new = true, .raised = true};
  }
  RecordHeard result{.heard = Heard::news,
                     .raised = value.incarnation > member->incarnation(),
                     .state_before = member->state,
                     .store_changed = value.store != member->record.value.store,
                     .previous_store = member->record.value.store};
  member->record = record;
  if (result.raised) set_state(*member, MemberState::alive, now);
  return result;
}

Heard View::learn(Instant now, const SignedDigest& digest) {
  auto* member = find(digest.value.site);
  if (!member) return Heard::stranger;
  if (member->digest && rank(digest.value) <= rank(member->digest->value)) return Heard::stale;
  if (!signatures_.verify(digest, member->record.value.identity)) return Heard::forged;
  member->digest = digest;
  member->digest_at = now;
  return Heard::news;
}

void View::set_state(Member& member, MemberState state, Instant now) {
  if (member.state == state) return;
  const bool was_reachable = member.reachable();
  member.state = state;
  member.since = now;
  if (was_reachable && !member.reachable()) --reachable_;
  if (!was_reachable && member.reachable()) ++reachable_;
}

std::vector<SiteName> View::pick(std::size_t count, Rng& rng, const std::function<bool(const Member&)>& suits) const {
  std::vector<SiteName> picked;
  const auto consider = [&](const SiteName& site) {
    const bool again = std::find(picked.begin(), picked.end(), site) != picked.end();
    if (!again && picked.size() < count && suits(members_.at(site))) picked.push_back(site);
  };
  // A few throws of the dice find enough in a healthy federation; else everybody is looked at, from a random place on.
  for (std::size_t i = 0; i < 4 * count && picked.size() < count && !names_.empty(); ++i) {
    consider(names_[rng.below(names_.size())]);
  }
  const auto start = rng.below(names_.size());
  for (std::size_t i = 0; i < names_.size() && picked.size() < count; ++i) {
    consider(names_[(start + i) % names_.size()]);
  }
  return picked;
}

}  // namespace hansa
