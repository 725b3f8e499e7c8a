// Who belongs to a federation, and on whose word: charter, statements, invitations. See docs/protocol/06-admission.md.
//
// A charter names the federation and its founders; its hash is the federation's id, so that nobody can change it. All
// else is statements, each signed by one member: I admit this site, I renew it, it is gone, it should be evicted. A
// site's view of who belongs is computed from the statements it holds, and from nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/fields.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

using FederationId = Blob<struct FederationIdTag, 32>;  // BLAKE2b-256 of the charter
using StatementId = Blob<struct StatementIdTag, 32>;    // BLAKE2b-256 of the statement's signed bytes
using InvitationId = Key128<struct InvitationIdTag>;
using InvitationSecret = Blob<struct InvitationSecretTag, 32>;

struct Founder {
  SiteName site;
  IdentityKey identity;

  HANSA_FIELDS(site, identity)
  bool operator==(const Founder&) const = default;
};

struct Charter {
  std::string name;  // for people: "east-china"
  std::vector<Founder> founders;
  StoreId nonce;  // two federations of one name and founder are two
  WallTime founded;

  HANSA_FIELDS(name, founders, nonce, founded)
  bool operator==(const Charter&) const = default;
};

// The right to admit others whose region lies within `within` (empty: anywhere).
struct SponsorRight {
  bool granted = false;
  std::string within;

  HANSA_FIELDS(granted, within)
  bool operator==(const SponsorRight&) const = default;
};

// The signer lets a site in. A founder admits itself.
struct AdmissionCertificate {
  SiteName site;
  IdentityKey identity;
  TransportKey transport;  // at first; the site's own record is newer
  std::string region;
  SponsorRight sponsor;
  std::uint64_t serial = 0;  // counted by the signer
  WallTime expires;

  HANSA_FIELDS(site, identity, transport, region, sponsor, serial, expires)
  bool operator==(const AdmissionCertificate&) const = default;
};

// A member prolongs another member's admission, which stays what it was.
struct Renewal {
  StatementId admission;
  WallTime expires;

  HANSA_FIELDS(admission, expires)
  bool operator==(const Renewal&) const = default;
};

// The site itself leaves, or whoever admitted it takes that back. What the subject signed before and is not named
// in `kept` no longer counts: nobody signs for the past.
struct Departure {
  IdentityKey subject;
  std::vector<StatementId> kept;
  std::string reason;

  HANSA_FIELDS(subject, kept, reason)
  bool operator==(const Departure&) const = default;
};

// One member's vote that another be put out. `kept` as in Departure: admissions by the subject that shall stand.
struct EvictionVote {
  IdentityKey subject;
  bool subtree = false;  // whoever came in through it goes as well
  std::vector<StatementId> kept;
  std::string reason;

  HANSA_FIELDS(subject, subtree, kept, reason)
  bool operator==(const EvictionVote&) const = default;
};

struct Statement {
  FederationId federation;
  IdentityKey signer;
  WallTime at;
  std::variant<AdmissionCertificate, Renewal, Departure, EvictionVote> what;

  HANSA_FIELDS(federation, signer, at, what)
  bool operator==(const Statement&) const = default;
};
using SignedStatement = Signed<Statement>;

// --- Invitations ----------------------------------------------------------------------------------------------------

// What the sponsor keeps of an invitation. The secret is kept as its hash only.
struct Invitation {
  InvitationId id;
  ContentHash secret_hash;
  SiteName site;       // empty: whatever the newcomer calls itself
  std::string region;  // the newcomer's must lie within it
  SponsorRight sponsor;
  WallTime expires;
  WallTime made;
  IdentityKey used_by;  // zero: not used

  HANSA_FIELDS(id, secret_hash, site, region, sponsor, expires, made, used_by)
  bool operator==(const Invitation&) const = default;
};

// What an invitation's line says.
struct InvitationLine {
  FederationId federation;
  std::string federation_name;
  SiteName sponsor;
  TransportKey sponsor_key;
  std::vector<std::string> endpoints;  // of the sponsor's enrolment desk, tried in order
  InvitationId invitation;
  InvitationSecret secret;
  WallTime expires;

  HANSA_FIELDS(federation, federation_name, sponsor, sponsor_key, endpoints, invitation, secret, expires)
  bool operator==(const InvitationLine&) const = default;
};

// What a newcomer says at the enrolment desk, signed by its identity key, sealed for the sponsor.
struct EnrolmentRequest {
  FederationId federation;
  InvitationId invitation;
  InvitationSecret secret;
  SiteName site;
  IdentityKey identity;
  TransportKey transport;
  std::string region;
  WallTime clock;

  HANSA_FIELDS(federation, invitation, secret, site, identity, transport, region, clock)
  bool operator==(const EnrolmentRequest&) const = default;
};
using SignedEnrolment = Signed<EnrolmentRequest>;

// The answer: all that a newcomer needs to check for itself that it is in, and to find its sponsor.
struct Enrolled {
  std::string refusal;                 // empty: admitted
  std::string charter;                 // encoded
  std::vector<SignedStatement> chain;  // from a founder's own admission to the newcomer's
  SiteName sponsor;
  TransportKey sponsor_key;
  std::vector<std::string> endpoints;
  std::vector<std::string> bulk_endpoints;
  WallTime clock;

  HANSA_FIELDS(refusal, charter, chain, sponsor, sponsor_key, endpoints, bulk_endpoints, clock)
  bool operator==(const Enrolled&) const = default;
};

// Where a site was last reached, kept over a restart.
struct KeptAddress {
  IdentityKey identity;
  TransportKey key;
  TransportKey instead_of;  // the key that certificate or configuration name; another one there, and this is void
  std::vector<std::string> endpoints;
  std::vector<std::string> bulk_endpoints;

  HANSA_FIELDS(identity, key, instead_of, endpoints, bulk_endpoints)
  bool operator==(const KeptAddress&) const = default;
};

}  // namespace hansa
