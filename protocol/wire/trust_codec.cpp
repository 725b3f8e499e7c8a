// What trust is made of: small values, all from others or from this site's own journal, bounded alike.
#include "protocol/wire/codec.hpp"
#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

namespace hansa {
namespace {

template <class T>
std::string encode_trust(const T& value) {
  wire::Encoder encoder(512);
  encoder.put(value);
  return std::move(encoder).take();
}

template <class T>
Result<T> decode_trust(std::string_view bytes) {
  return wire::decode_value<T>(bytes, wire::peer_bounds, wire::type_word<T>());
}

}  // namespace

std::string encode(const Charter& value) {
  return encode_trust(value);
}
std::string encode(const Statement& value) {
  return encode_trust(value);
}
std::string encode(const SignedStatement& value) {
  return encode_trust(value);
}
std::string encode(const Invitation& value) {
  return encode_trust(value);
}
std::string encode(const InvitationLine& value) {
  return encode_trust(value);
}
std::string encode(const EnrolmentRequest& value) {
  return encode_trust(value);
}
std::string encode(const SignedEnrolment& value) {
  return encode_trust(value);
}
std::string encode(const Enrolled& value) {
  return encode_trust(value);
}
std::string encode(const KeptAddress& value) {
  return encode_trust(value);
}
std::string encode(const KeptReputation& value) {
  return encode_trust(value);
}

template <>
Result<Charter> decode<Charter>(std::string_view bytes) {
  return decode_trust<Charter>(bytes);
}
template <>
Result<Statement> decode<Statement>(std::string_view bytes) {
  return decode_trust<Statement>(bytes);
}
template <>
Result<SignedStatement> decode<SignedStatement>(std::string_view bytes) {
  return decode_trust<SignedStatement>(bytes);
}
template <>
Result<Invitation> decode<Invitation>(std::string_view bytes) {
  return decode_trust<Invitation>(bytes);
}
template <>
Result<InvitationLine> decode<InvitationLine>(std::string_view bytes) {
  return decode_trust<InvitationLine>(bytes);
}
template <>
Result<EnrolmentRequest> decode<EnrolmentRequest>(std::string_view bytes) {
  return decode_trust<EnrolmentRequest>(bytes);
}
template <>
Result<SignedEnrolment> decode<SignedEnrolment>(std::string_view bytes) {
  return decode_trust<SignedEnrolment>(bytes);
}
template <>
Result<Enrolled> decode<Enrolled>(std::string_view bytes) {
  return decode_trust<Enrolled>(bytes);
}
template <>
Result<KeptAddress> decode<KeptAddress>(std::string_view bytes) {
  return decode_trust<KeptAddress>(bytes);
}
template <>
Result<KeptReputation> decode<KeptReputation>(std::string_view bytes) {
  return decode_trust<KeptReputation>(bytes);
}

}  // namespace hansa
