#include "src/audit/audit_line.hpp"

#include <ctime>
#include <nlohmann/json.hpp>

#include "src/identity/sodium.hpp"

namespace hansa::audit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t text_bytes_max = 1'000;

template <class Bytes>
std::string hex(const Bytes& bytes) {
  return to_hex(bytes.data(), bytes.size());
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <class Bytes>
bool unhex(const std::string& text, Bytes& bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

Json head(const Link& link, WallTime at, const std::string& act) {
  return {{"n", link.number}, {"at", moment_text(at)}, {"act", act}};
}

// What peers call themselves may be any bytes; the line is JSON all the same.
std::string finish(Json line, const Link& link) {
  line["prev"] = hex(link.before.bytes);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string cut(const std::string& text) {
  return text.size() <= text_bytes_max ? text : text.substr(0, text_bytes_max) + "…";
}

std::string text_in(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string moment_text(WallTime at) {
  const auto seconds = static_cast<std::time_t>(at.unix_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(at.unix_ms % 1000));
  return text;
}

std::string write_note(const Link& link, WallTime at, const AuditNote& note, std::uint64_t count) {
  auto line = head(link, at, note.act);
  line["actor"] = cut(note.actor);
  line["subject"] = cut(note.subject);
  line["allowed"] = note.allowed;
  line["text"] = cut(note.text);
  if (count != 1) line["count"] = count;
  return finish(std::move(line), link);
}

std::string write_seal(const Link& link, WallTime at, const SiteName& site, const Signature& signature) {
  auto line = head(link, at, "seal");
  line["site"] = site.value;
  line["signature"] = hex(signature.bytes);
  return finish(std::move(line), link);
}

Result<ReadLine> read_line(std::string_view text) {
  if (text.size() > line_bytes_max) return corrupt("it is longer than any line that a site writes");
  const auto line = Json::parse(text, nullptr, false);
  if (!line.is_object()) return corrupt("it is no JSON object");
  ReadLine read;
  const auto number = line.find("n");
  if (number == line.end() || !number->is_number_unsigned()) return corrupt("it has no number");
  read.link.number = number->get<std::uint64_t>();
  if (!unhex(text_in(line, "prev"), read.link.before.bytes)) return corrupt("it names no line before it");
  if (text_in(line, "act") != "seal") return read;
  ReadLine::Seal seal{.site = {text_in(line, "site")}, .at = text_in(line, "at"), .signature = {}};
  if (!unhex(text_in(line, "signature"), seal.signature.bytes)) return corrupt("its seal has no signature");
  read.seal = std::move(seal);
  return read;
}

ContentHash hash_of(std::string_view line) {
  return content_hash(line);
}

}  // namespace hansa::audit
