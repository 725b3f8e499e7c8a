// Single values: what is signed, what the journal keeps, what an award carries.
//
// What a peer wrote is bounded as its frames are. The journal's records are this site's own: there only the bytes
// themselves bound them, since a record that was written must be readable again.
#include "protocol/wire/codec.hpp"
#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

namespace hansa {
namespace {

template <class T>
std::string encode_value(const T& value, std::size_t expected_bytes) {
  wire::Encoder encoder(expected_bytes);
  encoder.put(value);
  return std::move(encoder).take();
}

template <class T>
Result<T> from_peer(std::string_view bytes) {
  return wire::decode_value<T>(bytes, wire::peer_bounds, wire::type_word<T>());
}

template <class T>
Result<T> from_journal(std::string_view bytes) {
  return wire::decode_value<T>(bytes, wire::own_bounds, wire::type_word<T>());
}

}  // namespace

std::string encode(const SiteRecord& value) {
  return encode_value(value, 512);
}
std::string encode(const CapacityDigest& value) {
  return encode_value(value, 256);
}
std::string encode(const JobPayload& value) {
  return encode_value(value, 1024 + value.script.size());
}
std::string encode(const Manifest& value) {
  return encode_value(value, 64 + 128 * value.entries.size());
}
std::string encode(const JobRecord& value) {
  return encode_value(value, 384);
}
std::string encode(const RunRecord& value) {
  return encode_value(value, 384);
}
std::string encode(const JobCopy& value) {
  return encode_value(value, 448);
}

template <>
Result<SiteRecord> decode<SiteRecord>(std::string_view bytes) {
  return from_peer<SiteRecord>(bytes);
}
template <>
Result<CapacityDigest> decode<CapacityDigest>(std::string_view bytes) {
  return from_peer<CapacityDigest>(bytes);
}
template <>
Result<JobPayload> decode<JobPayload>(std::string_view bytes) {
  return from_peer<JobPayload>(bytes);
}
template <>
Result<Manifest> decode<Manifest>(std::string_view bytes) {
  return from_peer<Manifest>(bytes);
}
template <>
Result<JobRecord> decode<JobRecord>(std::string_view bytes) {
  return from_journal<JobRecord>(bytes);
}
template <>
Result<RunRecord> decode<RunRecord>(std::string_view bytes) {
  return from_journal<RunRecord>(bytes);
}

template <>
Result<JobCopy> decode<JobCopy>(std::string_view bytes) {
  return from_journal<JobCopy>(bytes);
}

}  // namespace hansa
