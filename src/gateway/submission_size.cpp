#include "src/gateway/submission_size.hpp"

#include "protocol/wire/codec.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa::gateway {
namespace {

// For what is not known yet: the job's number, its epoch, its bid, the heads of payload and frame.
constexpr std::size_t head_bytes_max = 512;

std::size_t award_bytes(const Submission& submission) {
  Award award{.tasks = {AwardTask{.request = submission.request}}};
  return encode_frame(spoken_versions.newest, {Message{std::move(award)}}).size() + submission.payload->size() +
         head_bytes_max;
}

}  // namespace

Status check_script(const JobPayload& payload, std::size_t bytes_max) {
  std::size_t bytes = payload.script.size();
  for (const auto& argument : payload.arguments) bytes += argument.size();
  for (const auto& [name, value] : payload.environment) bytes += name.size() + value.size();
  if (bytes <= bytes_max) return success();
  return usage_error("job: script, arguments and environment have " + std::to_string(bytes) +
                     " bytes, and this site takes at most " + std::to_string(bytes_max) +
                     " (limits.script_bytes_max); move data into input files");
}

Status check_message(const Submission& submission) {
  const auto bytes = award_bytes(submission);
  if (bytes <= limits::control_frame_bytes_max) return success();
  return usage_error("job: script, environment, list of input files and wishes have " + std::to_string(bytes) +
                     " bytes together, but a message between sites holds " +
                     std::to_string(limits::control_frame_bytes_max) +
                     ": pack many input files into one, or move text into a file");
}

}  // namespace hansa::gateway
