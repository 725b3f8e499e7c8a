#include "protocol/wire/session.hpp"

#include <algorithm>
#include <iterator>

#include "protocol/wire/limits.hpp"

namespace hansa {
namespace {

std::string words(const ProtocolRange& range) {
  const auto oldest = std::to_string(range.oldest);
  return range.oldest == range.newest ? oldest : oldest + " to " + std::to_string(range.newest);
}

bool begins_with_hello(const DecodedFrame& frame) {
  return !frame.messages.empty() && std::holds_alternative<Hello>(frame.messages.front());
}

bool has_late_hello(const DecodedFrame& frame) {
  return std::any_of(frame.messages.begin() + 1, frame.messages.end(),
                     [](const Message& message) { return std::holds_alternative<Hello>(message); });
}

// An award of many tasks means the same as two of half as many; each task's payload came to it only on its way out.
bool cut_in_two(std::vector<Message>& messages) {
  auto* award = std::get_if<Award>(&messages.front());
  if (!award || award->tasks.size() < 2) return false;
  const auto middle = award->tasks.begin() + static_cast<std::ptrdiff_t>(award->tasks.size() / 2);
  Award rest{.tasks = {std::make_move_iterator(middle), std::make_move_iterator(award->tasks.end())}};
  award->tasks.erase(middle, award->tasks.end());
  messages.emplace_back(std::move(rest));
  return true;
}

}  // namespace

Result<ProtocolVersion> negotiate(const ProtocolRange& ours, const ProtocolRange& theirs) {
  const auto newest = std::min(ours.newest, theirs.newest);
  if (newest >= std::max(ours.oldest, theirs.oldest)) return newest;
  return refusal("no common protocol version: this site speaks " + words(ours) + " and the peer " + words(theirs) +
                 "; upgrade the one that speaks the older");
}

std::string Session::open(const Hello& hello) {
  close();
  return encode_frame(ours_.oldest, {hello});
}

SessionVerdict Session::receive(Instant now, std::string_view bytes) {
  auto frame = decode_frame(bytes);
  if (!frame) {
    // Before its Hello a peer may speak a version that can't be read here: not its fault, and not read.
    return bad_frame(now, frame.error().text);
  }
  counters_.unknown_tags_total += frame->unknown_tags;
  if (begins_with_hello(*frame)) {
    if (has_late_hello(*frame)) return bad_frame(now, "a frame holds more than one Hello");
    return greet(std::move(*frame));
  }
  if (!version_) {
    ++counters_.early_frames_total;
    return Drop{"a frame came before the peer's Hello"};
  }
  if (frame->version != *version_) {
    return bad_frame(now, "a frame of version " + std::to_string(frame->version) + " came where " +
                              std::to_string(*version_) + " was agreed on");
  }
  if (!frame->messages.empty() && has_late_hello(*frame)) return bad_frame(now, "a Hello came within a frame");
  return Deliver{std::move(frame->messages)};
}

SessionVerdict Session::greet(DecodedFrame frame) {
  const auto agreed = negotiate(ours_, std::get<Hello>(frame.messages.front()).protocol);
  if (!agreed) {
    version_.reset();
    return CutOff{agreed.error().text, cut_off_for_version};
  }
  version_ = *agreed;
  return Deliver{std::move(frame.messages)};
}

// The ring holds the times of the last `bad_frames_max`: when the oldest of a full ring is within the window, they all
// are.
SessionVerdict Session::bad_frame(Instant now, std::string why) {
  ++counters_.bad_frames_total;
  bad_at_[bad_frames_ % bad_frames_max] = now;
  ++bad_frames_;
  const bool full = bad_frames_ >= bad_frames_max;
  if (!full || now - bad_at_[bad_frames_ % bad_frames_max] > bad_frames_window) return Drop{std::move(why)};
  bad_frames_ = 0;
  version_.reset();
  return CutOff{std::to_string(bad_frames_max) + " bad frames came within " +
                    std::to_string(bad_frames_window / std::chrono::seconds(1)) + " s, the last one because " + why,
                cut_off_for_bad_frames};
}

std::vector<std::string> Session::seal(std::vector<Message> messages) {
  std::vector<std::string> frames;
  if (version_ && !messages.empty()) seal_into(frames, std::move(messages));
  return frames;
}

void Session::seal_into(std::vector<std::string>& frames, std::vector<Message> messages) {
  if (messages.size() <= limits::messages_per_frame_max) {
    auto frame = encode_frame(*version_, messages);
    if (frame.size() <= limits::control_frame_bytes_max) {
      frames.push_back(std::move(frame));
      return;
    }
  }
  if (messages.size() == 1 && !cut_in_two(messages)) {
    ++counters_.unsendable_total;
    return;
  }
  const auto middle = messages.begin() + static_cast<std::ptrdiff_t>(messages.size() / 2);
  std::vector<Message> rest(std::make_move_iterator(middle), std::make_move_iterator(messages.end()));
  messages.erase(middle, messages.end());
  seal_into(frames, std::move(messages));
  seal_into(frames, std::move(rest));
}

}  // namespace hansa
