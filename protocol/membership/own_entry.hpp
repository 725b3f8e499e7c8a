// What this site says of itself: its record, its digest and its incarnation.
//
// Only the site itself raises its incarnation, and the raised one is on disk before anyone hears of it: a crash must
// not bring the site back under an incarnation that others have seen. `incarnation()` is the one that is spoken.
// Versions count on for as long as the daemon lives.
#pragma once

#include <algorithm>
#include <optional>

#include "hansa/ports/signatures.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/site.hpp"

namespace hansa {

class OwnEntry {
 public:
  OwnEntry(const Signatures& signatures, Incarnation first) : signatures_(signatures), incarnation_(first) {}

  void set_record(SiteRecord record) {
    record.incarnation = incarnation_;
    record.version = ++record_version_;
    record_ = signatures_.sign(std::move(record));
  }
  void set_digest(CapacityDigest digest) {
    digest.incarnation = incarnation_;
    digest.version = digest_version_ = digest_version_.next();
    digest_ = signatures_.sign(std::move(digest));
  }

  // Asks for an incarnation above `heard`; nothing when that is already on its way to the disk.
  std::optional<Incarnation> raise_above(Incarnation heard) {
    const auto wanted = std::max(heard, incarnation_).next();
    if (raising_ && *raising_ >= wanted) return std::nullopt;
    return raising_ = wanted;
  }
  // The store has it: from now on this is what the site says. False when it was not the one waited for.
  bool durable(Incarnation incarnation) {
    if (spoken_ ? raising_ != incarnation : incarnation != incarnation_) return false;
    spoken_ = true;
    raising_.reset();
    if (incarnation == incarnation_) return true;
    incarnation_ = incarnation;
    if (record_) set_record(record_->value);
    if (digest_) set_digest(digest_->value);
    return true;
  }

  Incarnation incarnation() const { return incarnation_; }
  bool spoken() const { return spoken_; }
  // Nothing before the first incarnation is on disk.
  const SignedRecord* record() const { return spoken_ && record_ ? &*record_ : nullptr; }
  const SignedDigest* digest() const { return spoken_ && digest_ ? &*digest_ : nullptr; }

 private:
  const Signatures& signatures_;
  Incarnation incarnation_;
  std::optional<Incarnation> raising_;
  bool spoken_ = false;
  std::uint64_t record_version_ = 0;
  DigestVersion digest_version_;
  std::optional<SignedRecord> record_;
  std::optional<SignedDigest> digest_;
};

}  // namespace hansa
