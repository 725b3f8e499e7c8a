// View: the members as this site knows them, and the only place where a record or digest becomes believed.
//
// A member exists only through a record that is signed by the identity configured for its name. What is not newer than
// what is held is dropped before any signature is checked, so that each new (incarnation, version) costs one check.
// Invariants: (incarnation, version) of a record and of a digest never go backwards, unless the configuration names a
// new identity for the site; no more than members_max members.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "hansa/ports/signatures.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/membership/member.hpp"

namespace hansa {

enum class Heard : std::uint8_t {
  news,      // verified and kept
  stale,     // not newer than what is held
  stranger,  // of a site that is not configured here, or under another identity: perhaps known to the sender
  forged,    // its signature is false: no honest site passes that on
};

struct RecordHeard {
  Heard heard = Heard::stale;
  bool is_new = false;  // a member not known before
  bool raised = false;  // under a higher incarnation: alive, whatever was claimed
  MemberState state_before = MemberState::alive;
  bool store_changed = false;
  StoreId previous_store;
};

class View {
 public:
  View(const Signatures& signatures, std::size_t members_max) : signatures_(signatures), members_max_(members_max) {}

  // Who may be a member, whole. Returns the members that are none any more.
  std::vector<SiteName> set_known(const std::vector<KnownSite>& sites);
  bool knows(const SiteName& site) const { return known_.contains(site); }
  bool has_peers() const { return !known_.empty(); }
  // Configured, but no record was ever heard; or within reach, and what it has was never heard.
  std::vector<SiteName> unmet() const;

  RecordHeard learn(Instant now, const SignedRecord& record);
  Heard learn(Instant now, const SignedDigest& digest);

  const std::map<SiteName, Member>& members() const { return members_; }
  const Member* find(const SiteName& site) const;
  Member* find(const SiteName& site);
  // In the order they were learned.
  const std::vector<SiteName>& names() const { return names_; }
  void set_state(Member& member, MemberState state, Instant now);
  // Those alive or suspect, without this site.
  std::size_t reachable() const { return reachable_; }

  // Up to `count` different random members that `suits` accepts.
  std::vector<SiteName> pick(std::size_t count, Rng& rng, const std::function<bool(const Member&)>& suits) const;

 private:
  bool is_newer(const SiteRecord& record) const;

  const Signatures& signatures_;
  std::size_t members_max_;
  std::map<SiteName, IdentityKey> known_;
  std::map<SiteName, Member> members_;
  std::vector<SiteName> names_;
  std::size_t reachable_ = 0;
};

}  // namespace hansa
