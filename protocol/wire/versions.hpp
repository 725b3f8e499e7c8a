// The protocol's versions, and what an older one can't say.
//
// Most of what is new needs no version: a field that is appended, a message with a new tag, are passed over by who does
// not know them. A word appended to a closed list does: an older peer could not read the frame that holds it. So every
// frame is written in the version agreed on, a word that this version lacks as the nearest word that it has, and
// without the fields that only serve such a word. In memory there is one form of every message, the newest.
//
// version 2: DeclineReason::slow_down with Decline::retry_after, and no_backend, to version 1 both `overloaded`;
// dataset, to version 1 `labels`; FinalState::preempted, to version 1 `node_fail`; Revoke::by_word. Contract:
// docs/protocol/01-wire.md, "Growing it".
#pragma once

#include <cstddef>

#include "hansa/types/job.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/words.hpp"
#include "protocol/wire/reflect.hpp"

namespace hansa {

// The versions this build speaks.
inline constexpr ProtocolRange spoken_versions{.oldest = 1, .newest = 2};

namespace wire {

// The word as `version` has it.
template <class Enum>
constexpr Enum word_in(ProtocolVersion, Enum word) {
  return word;
}
constexpr DeclineReason word_in(ProtocolVersion version, DeclineReason word) {
  if (version >= 2) return word;
  const bool later = word == DeclineReason::slow_down || word == DeclineReason::no_backend;
  return later ? DeclineReason::overloaded : word == DeclineReason::dataset ? DeclineReason::labels : word;
}
constexpr FinalState word_in(ProtocolVersion version, FinalState word) {
  return version < 2 && word == FinalState::preempted ? FinalState::node_fail : word;
}

// How many of a struct's `all` fields are written in `version`.
template <class T>
constexpr std::size_t fields_in(ProtocolVersion version, std::size_t all) {
  if constexpr (requires { T::fields_in_version_1; }) {
    return version < 2 ? T::fields_in_version_1 : all;
  } else {
    return all;
  }
}

// Who appends a word here makes a new version: a line above for what the others are told instead.
static_assert(enumerator_count<MemberState> == 4);
static_assert(enumerator_count<DeclineReason> == 12);
static_assert(enumerator_count<ReturnReason> == 6);
static_assert(enumerator_count<RunPhase> == 6);
static_assert(enumerator_count<RevokeMode> == 2);
static_assert(enumerator_count<FinalState> == 7);
static_assert(enumerator_count<Prefer> == 3);
static_assert(enumerator_count<OnPartition> == 2);

}  // namespace wire
}  // namespace hansa
