// The bytes of every message, kept for ever: what one release wrote, the next ones read.
//
// vN/NAME.hex is of protocol version N, and every version that this build speaks is written as recorded. Single values
// (what is signed or stored) have no version and are in v1.
//
// NAME.hex holds the frame of one counted value (tests/support/fill.hpp) of NAME. HANSA_REWRITE_GOLDEN=1 records what
// is missing or changed. After a release, a vector that is about to change is first copied to NAME.1.hex, and so on:
// the files of this folder are all read, whether or not their bytes are still written.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/wire/codec.hpp"
#include "tests/support/fill.hpp"

namespace hansa {
namespace {

namespace fs = std::filesystem;

bool rewriting() {
  return std::getenv("HANSA_REWRITE_GOLDEN") != nullptr;
}

std::string as_hex(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    const auto line = bytes.substr(at, 32);
    text += to_hex(reinterpret_cast<const std::uint8_t*>(line.data()), line.size()) + '\n';
  }
  return text;
}

std::string from_hex(const std::string& text) {
  std::string bytes;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
  }
  return bytes;
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path golden_folder(ProtocolVersion version) {
  return fs::path(HANSA_GOLDEN_DIR) / ("v" + std::to_string(version));
}

void expect_golden(ProtocolVersion version, std::string_view name, const std::string& bytes) {
  const auto file = golden_folder(version) / (std::string(name) + ".hex");
  if (rewriting()) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << as_hex(bytes);
    return;
  }
  ASSERT_TRUE(fs::exists(file)) << "no golden for " << name << ": record it with HANSA_REWRITE_GOLDEN=1";
  EXPECT_EQ(contents(file), as_hex(bytes)) << name << " is written otherwise than before: is the change meant? Then "
                                           << "record it with HANSA_REWRITE_GOLDEN=1, and say so in CHANGELOG.md";
}

TEST(Golden, EveryMessageIsWrittenAsRecorded) {
  for (auto version = spoken_versions.oldest; version <= spoken_versions.newest; ++version) {
    for (const auto& message : test::every_message())
      expect_golden(version, name_of(message), encode_frame(version, {message}));
    for (const auto& message : test::every_bulk_message())
      expect_golden(version, name_of(message), encode_frame(version, message));
  }
}

TEST(Golden, EverySingleValueIsWrittenAsRecorded) {
  expect_golden(1, "SiteRecord", encode(test::counted<SiteRecord>()));
  expect_golden(1, "CapacityDigest", encode(test::counted<CapacityDigest>()));
  expect_golden(1, "JobPayload", encode(test::counted<JobPayload>()));
  expect_golden(1, "Manifest", encode(test::counted<Manifest>()));
  expect_golden(1, "JobRecord", encode(test::counted<JobRecord>()));
  expect_golden(1, "RunRecord", encode(test::counted<RunRecord>()));
}

template <class T>
bool reads_as(std::string_view bytes) {
  return decode<T>(bytes).ok();
}

// Whether bytes recorded under this name can be read as what the name says.
bool is_readable(const std::string& name, const std::string& bytes) {
  if (name == "SiteRecord") return reads_as<SiteRecord>(bytes);
  if (name == "CapacityDigest") return reads_as<CapacityDigest>(bytes);
  if (name == "JobPayload") return reads_as<JobPayload>(bytes);
  if (name == "Manifest") return reads_as<Manifest>(bytes);
  if (name == "JobRecord") return reads_as<JobRecord>(bytes);
  if (name == "RunRecord") return reads_as<RunRecord>(bytes);
  if (const auto bulk = decode_bulk_frame(bytes); bulk.ok() && name_of(*bulk) == name) return true;
  const auto frame = decode_frame(bytes);
  return frame.ok() && frame->messages.size() == 1 && name_of(frame->messages[0]) == name;
}

TEST(Golden, EverythingEverRecordedCanBeRead) {
  for (auto version = spoken_versions.oldest; version <= spoken_versions.newest; ++version) {
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(golden_folder(version))) {
      const auto file = entry.path().filename().string();
      const auto name = file.substr(0, file.find('.'));
      EXPECT_TRUE(is_readable(name, from_hex(contents(entry.path())))) << entry.path();
      ++files;
    }
    EXPECT_GE(files, std::variant_size_v<Message> + std::variant_size_v<BulkMessage>);
  }
}

}  // namespace
}  // namespace hansa
