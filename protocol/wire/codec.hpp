// Bytes to values and back: the wire's frames, the journal's blobs and what is signed share one codec.
//
// A value is a msgpack array of its fields in declared order; ids are bin, enums and counters integers, durations
// microseconds, a variant [index, value]. Decoding is total: any bytes give a value or an Error of kind corrupt, within
// the bounds of limits.hpp; missing trailing fields keep their defaults and surplus ones are skipped.
// A frame is [protocol version, [tag, value], [tag, value], …]: one or more messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/records.hpp"
#include "hansa/types/reputation.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/trust.hpp"
#include "protocol/wire/bulk_messages.hpp"
#include "protocol/wire/messages.hpp"
#include "protocol/wire/versions.hpp"

namespace hansa {

// In the words and fields that `version` has.
std::string encode_frame(ProtocolVersion version, const std::vector<Message>& messages);
std::string encode_frame(ProtocolVersion version, const BulkMessage& message);

// What a frame held. Tags that this build doesn't know are skipped and counted, as a newer peer may send them.
struct DecodedFrame {
  ProtocolVersion version = 0;
  std::vector<Message> messages;
  std::uint32_t unknown_tags = 0;
};
Result<DecodedFrame> decode_frame(std::string_view bytes);
Result<BulkMessage> decode_bulk_frame(std::string_view bytes);

// Single values: for signing (SiteRecord, CapacityDigest), the journal and payloads.
std::string encode(const SiteRecord& value);
std::string encode(const CapacityDigest& value);
std::string encode(const JobPayload& value);
std::string encode(const Manifest& value);
std::string encode(const JobRecord& value);
std::string encode(const RunRecord& value);
std::string encode(const JobCopy& value);
// Trust: the charter, what is signed, an invitation's line, what passes at the enrolment desk, and the journal's part.
std::string encode(const Charter& value);
std::string encode(const Statement& value);
std::string encode(const SignedStatement& value);
std::string encode(const Invitation& value);
std::string encode(const InvitationLine& value);
std::string encode(const EnrolmentRequest& value);
std::string encode(const SignedEnrolment& value);
std::string encode(const Enrolled& value);
std::string encode(const KeptAddress& value);
std::string encode(const KeptReputation& value);

template <class T>
Result<T> decode(std::string_view bytes);
template <>
Result<SiteRecord> decode<SiteRecord>(std::string_view bytes);
template <>
Result<CapacityDigest> decode<CapacityDigest>(std::string_view bytes);
template <>
Result<JobPayload> decode<JobPayload>(std::string_view bytes);
template <>
Result<Manifest> decode<Manifest>(std::string_view bytes);
template <>
Result<JobRecord> decode<JobRecord>(std::string_view bytes);
template <>
Result<RunRecord> decode<RunRecord>(std::string_view bytes);
template <>
Result<JobCopy> decode<JobCopy>(std::string_view bytes);
template <>
Result<Charter> decode<Charter>(std::string_view bytes);
template <>
Result<Statement> decode<Statement>(std::string_view bytes);
template <>
Result<SignedStatement> decode<SignedStatement>(std::string_view bytes);
template <>
Result<Invitation> decode<Invitation>(std::string_view bytes);
template <>
Result<InvitationLine> decode<InvitationLine>(std::string_view bytes);
template <>
Result<EnrolmentRequest> decode<EnrolmentRequest>(std::string_view bytes);
template <>
Result<SignedEnrolment> decode<SignedEnrolment>(std::string_view bytes);
template <>
Result<Enrolled> decode<Enrolled>(std::string_view bytes);
template <>
Result<KeptAddress> decode<KeptAddress>(std::string_view bytes);
template <>
Result<KeptReputation> decode<KeptReputation>(std::string_view bytes);

// A message's name, for logs, counters and golden vectors: "Award".
std::string_view name_of(const Message& message);
std::string_view name_of(const BulkMessage& message);

}  // namespace hansa
