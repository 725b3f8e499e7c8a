#include "src/enrolment/invitation_text.hpp"

#include <sodium.h>

#include <vector>

#include "protocol/wire/codec.hpp"
#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

constexpr std::string_view line_prefix = "hansa-join-1.";
constexpr std::size_t checksum_bytes = 6;
constexpr std::size_t line_bytes_max = 8'192;
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string checksum(std::string_view bytes) {
  const auto hash = content_hash(bytes);
  return {reinterpret_cast<const char*>(hash.bytes.data()), checksum_bytes};
}

Error altered() {
  return usage_error(
      "this invitation was altered or is not whole: copy the line again, from 'hansa-join-1.' to its end");
}

}  // namespace

std::string invitation_text(const InvitationLine& line) {
  auto bytes = encode(line);
  bytes += checksum(bytes);
  std::vector<char> text(sodium_base64_encoded_len(bytes.size(), base64));
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    base64);
  return std::string(line_prefix) + text.data();
}

Result<InvitationLine> parse_invitation(std::string_view text) {
  ensure_sodium();
  std::string line;
  for (const char c : text.substr(0, line_bytes_max)) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') line += c;
  }
  if (!line.starts_with(line_prefix)) {
    return usage_error("that is no invitation: it must begin with '" + std::string(line_prefix) + "'");
  }
  line.erase(0, line_prefix.size());
  std::vector<unsigned char> bytes(line.size() + 1);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), line.data(), line.size(), nullptr, &size, nullptr, base64) != 0 ||
      size <= checksum_bytes) {
    return altered();
  }
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), size);
  const auto content = all.substr(0, size - checksum_bytes);
  if (checksum(content) != all.substr(content.size())) return altered();
  auto read = decode<InvitationLine>(content);
  if (!read) return usage_error("this invitation is of another version of hansa: update one of the two sites");
  return read;
}

}  // namespace hansa
