// One line of the book: a JSON object whose last field is the hash of the line before it.
//
// {"n":12,"at":"2026-11-23T15:40:12.123Z","act":"bid","actor":"ana@wujiang","subject":"8 accelerators","allowed":false,
//  "text":"night: only 20:00-06:00 …","count":3,"prev":"…64 hex digits…"}
// {"n":13,"at":"…","act":"seal","site":"taihu","signature":"…128 hex digits…","prev":"…"}
// The very bytes of a line, without its line feed, are what the next one's "prev" is the hash of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hansa/audit.hpp"
#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa::audit {

inline constexpr std::size_t line_bytes_max = 16u << 10;

// Where a line stands.
struct Link {
  std::uint64_t number = 1;
  ContentHash before;  // zero for the first line of all
};

std::string write_note(const Link& link, WallTime at, const AuditNote& note, std::uint64_t count);
std::string write_seal(const Link& link, WallTime at, const SiteName& site, const Signature& signature);

// "2026-11-23T15:40:12.123Z"
std::string moment_text(WallTime at);

struct ReadLine {
  Link link;
  struct Seal {
    SiteName site;
    std::string at;
    Signature signature;
  };
  std::optional<Seal> seal;
};
// Any bytes give a line or one sentence.
Result<ReadLine> read_line(std::string_view line);

ContentHash hash_of(std::string_view line);

}  // namespace hansa::audit
