// Session: what two sites agree on before they talk, and when one stops listening.
//
// A link comes up and each side sends its Hello first; the version from then on is the highest that both speak. Until
// the other's Hello is here nothing it sends is read and nothing but our Hello is said: a message read under a guessed
// version could mean something else. A peer that sends rubbish may be broken or hostile; a few bad frames are counted
// and dropped, many within a short time cut it off for a while.
//
// Invariants: (1) what is delivered came after a Hello of this link, in the version agreed on; (2) at most
// `bad_frames_max` bad frames are looked at within `bad_frames_window`; (3) a new Hello starts the session anew, so
// that a peer which restarted unnoticed is understood again.
// One Session a peer; time is an argument. Contract: docs/protocol/01-wire.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hansa/types/time.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {

// The bad frame of this number within the window cuts the peer off. One flipped cable is a frame or two; sixteen in ten
// seconds is a peer that will not get better by listening on.
inline constexpr std::size_t bad_frames_max = 16;
inline constexpr Duration bad_frames_window = std::chrono::seconds(10);
inline constexpr Duration cut_off_for_bad_frames = std::chrono::seconds(30);
// No common version: somebody has to upgrade something first.
inline constexpr Duration cut_off_for_version = std::chrono::seconds(60);

// The highest version in both ranges; a refusal that names both when there is none.
Result<ProtocolVersion> negotiate(const ProtocolRange& ours, const ProtocolRange& theirs);

// What to do with a frame that came.
struct Deliver {
  std::vector<Message> messages;  // a Hello among them is the first
};
struct Drop {
  std::string why;  // one sentence, for a log with a limited rate
};
struct CutOff {
  std::string why;
  Duration for_how_long{0};
};
using SessionVerdict = std::variant<Deliver, Drop, CutOff>;

struct SessionCounters {
  std::uint64_t bad_frames_total = 0;    // could not be read, or were of the wrong version
  std::uint64_t early_frames_total = 0;  // before the peer's Hello
  std::uint64_t unknown_tags_total = 0;
  std::uint64_t unsendable_total = 0;  // messages larger than any frame
};

class Session {
 public:
  explicit Session(ProtocolRange ours = spoken_versions) : ours_(ours) {}

  // A connection came up: the peer has to say Hello again. Returns the frame to send first.
  std::string open(const Hello& hello);
  // It went down; nothing is agreed on any more. What it had sent wrong still counts.
  void close() { version_.reset(); }

  SessionVerdict receive(Instant now, std::string_view frame);

  // Messages as frames that the peer reads, in order, split where one would grow too large. Nothing before the peer's
  // Hello: what must take effect is sent again by those who wait for its answer.
  std::vector<std::string> seal(std::vector<Message> messages);

  // Agreed on; nothing before the peer's Hello.
  std::optional<ProtocolVersion> version() const { return version_; }
  const SessionCounters& counters() const { return counters_; }

 private:
  SessionVerdict greet(DecodedFrame frame);
  SessionVerdict bad_frame(Instant now, std::string why);
  void seal_into(std::vector<std::string>& frames, std::vector<Message> messages);

  ProtocolRange ours_;
  std::optional<ProtocolVersion> version_;
  SessionCounters counters_;
  std::array<Instant, bad_frames_max> bad_at_{};  // a ring: when the last bad frames came
  std::size_t bad_frames_ = 0;                    // since the peer was last cut off
};

}  // namespace hansa
