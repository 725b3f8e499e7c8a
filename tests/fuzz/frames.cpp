// Frames of both lanes, with every message: any bytes give messages or an error, and what was read can be written and
// read again to the same.
#include "protocol/wire/codec.hpp"
#include "protocol/wire/session.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

namespace {

void read_control(std::string_view bytes) {
  const auto frame = decode_frame(bytes);
  if (!frame || frame->messages.empty()) return;
  const auto again = decode_frame(encode_frame(spoken_versions.newest, frame->messages));
  fuzz::promise(again.ok(), "what was read can be written and read again");
  fuzz::promise(again->messages == frame->messages, "and is the same then");
}

void read_bulk(std::string_view bytes) {
  const auto message = decode_bulk_frame(bytes);
  if (!message) return;
  const auto again = decode_bulk_frame(encode_frame(spoken_versions.newest, *message));
  fuzz::promise(again.ok() && *again == *message, "a bulk message can be written and read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  read_control(bytes);
  read_bulk(bytes);
  return 0;
}
