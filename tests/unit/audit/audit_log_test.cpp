// The operator's book: what is written can be checked, and what was changed is found.
#include "src/audit/audit_log.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/audit/audit_verify.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa {
namespace {

using testing::HasSubstr;

class Book : public testing::Test {
 protected:
  std::string book() const { return (folder_ / "audit").string(); }
  AuditOptions options() {
    return {.folder = book(), .site = site_, .secret = keys_.identity_secret, .clock = [this] {
              return WallTime{1'795'435'200'000 + ++ticks_};
            }};
  }
  // A life of a daemon that notes these and ends.
  void write(const std::vector<AuditNote>& notes, const std::function<void(AuditOptions&)>& change = {}) {
    auto wanted = options();
    if (change) change(wanted);
    auto log = AuditLog::open(std::move(wanted));
    ASSERT_TRUE(log.ok()) << log.error().text;
    for (const auto& note : notes) (*log)->note(note);
  }
  std::vector<std::string> files() {
    std::vector<std::string> paths;
    for (const auto& [first, path] : audit::files_in(book())) paths.push_back(path);
    return paths;
  }
  std::string text(std::size_t file = 0) {
    std::ifstream in(files().at(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& content, std::size_t file = 0) {
    std::ofstream(files().at(file), std::ios::binary) << content;
  }
  Result<audit::Verified> verify() { return audit::verify_book(book(), site_, keys_.identity); }
  std::string why_not() {
    const auto verified = verify();
    return verified ? "it holds" : verified.error().text;
  }

  test::TemporaryFolder folder_;
  SiteName site_{"taihu"};
  SiteKeys keys_ = generate_keys();
  std::int64_t ticks_ = 0;
};

AuditNote act(const std::string& name) {
  return {.act = name, .actor = "operator zhu", .subject = "this site", .text = "with \"quotes\" and\na line feed"};
}

TEST_F(Book, HoldsWhatWasWrittenAndEndsWithASeal) {
  write({act("drain"), act("resume")});
  const auto verified = verify();
  ASSERT_TRUE(verified.ok()) << verified.error().text;
  EXPECT_EQ(verified->lines, 4u) << "open, drain, resume, seal";
  EXPECT_EQ(verified->seals, 1u);
  EXPECT_EQ(verified->unsealed, 0u);
  EXPECT_THAT(text(), HasSubstr(R"("at":"2026-11-23T12:00:00.00)"));
  EXPECT_THAT(text(), HasSubstr(R"("act":"drain","actor":"operator zhu")"));
}

TEST_F(Book, GoesOnAfterARestart) {
  write({act("drain")});
  write({act("resume")});
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(verify()->lines, 6u);
}

TEST_F(Book, AnyChangedByteIsFoundAtItsLineOrTheNext) {
  write({act("drain"), act("resume"), act("drain")});
  const auto sound = text();
  std::vector<std::size_t> line_of;
  std::size_t line = 1;
  for (const char c : sound) {
    line_of.push_back(line);
    if (c == '\n') ++line;
  }
  for (std::size_t at = 0; at < sound.size(); at += 7) {
    auto changed = sound;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    put(changed);
    const auto said = why_not();
    const auto here = ":" + std::to_string(line_of[at]) + ": line ";
    const auto next = ":" + std::to_string(line_of[at] + 1) + ": line ";
    EXPECT_TRUE(said.find(here) != std::string::npos || said.find(next) != std::string::npos) << at << ": " << said;
  }
}

TEST_F(Book, AMissingAnExchangedAndAnAddedLineAreFound) {
  write({act("drain"), act("resume"), act("drain")});
  const auto sound = text();
  const auto first = sound.find('\n') + 1;
  const auto second = sound.find('\n', first) + 1;
  const auto third = sound.find('\n', second) + 1;
  put(sound.substr(0, first) + sound.substr(second));
  EXPECT_THAT(why_not(), HasSubstr(":2: line 2 of the book does not hold: it says that it is line 3"));
  put(sound.substr(0, first) + sound.substr(second, third - second) + sound.substr(first, second - first) +
      sound.substr(third));
  EXPECT_THAT(why_not(), HasSubstr(":2: line 2"));
  put(sound + "{\"n\":6}\n");
  EXPECT_THAT(why_not(), HasSubstr("it names no line before it"));
  put(sound.substr(0, sound.size() - 1));
  EXPECT_THAT(why_not(), HasSubstr("it does not end"));
}

TEST_F(Book, OneThatWasWrittenAnewHasNotTheSitesSeal) {
  write({act("drain")});
  const auto key = keys_.identity;
  keys_ = generate_keys();
  std::filesystem::remove_all(book());
  write({act("nothing happened")});
  keys_.identity = key;
  EXPECT_THAT(why_not(), HasSubstr("its seal is not by the key of taihu"));
}

TEST_F(Book, ASealOfAnotherSiteDoesNotCount) {
  site_ = {"huqiu"};
  write({act("drain")});
  site_ = {"taihu"};
  EXPECT_THAT(why_not(), HasSubstr("its seal is of huqiu, not of taihu"));
}

TEST_F(Book, FullFilesFollowEachOther) {
  std::vector<AuditNote> many(200, act("drain"));
  write(many, [](AuditOptions& wanted) { wanted.file_bytes_max = 4'000; });
  write({act("resume")}, [](AuditOptions& wanted) { wanted.file_bytes_max = 4'000; });
  const auto verified = verify();
  ASSERT_TRUE(verified.ok()) << verified.error().text;
  EXPECT_GE(verified->lines, 204u);
  const auto all = files();
  ASSERT_GE(all.size(), 2u);
  std::filesystem::remove(all.front());
  EXPECT_TRUE(verify().ok()) << "what was put away on purpose may be missing at the beginning";
  EXPECT_GT(verify()->first, 1u);
}

TEST_F(Book, AMissingFileInTheMiddleIsFound) {
  for (int i = 0; i < 4; ++i) {
    write(std::vector<AuditNote>(20, act("drain")), [](AuditOptions& wanted) { wanted.file_bytes_max = 2'000; });
  }
  const auto all = files();
  ASSERT_GE(all.size(), 3u);
  std::filesystem::remove(all[1]);
  EXPECT_THAT(why_not(), HasSubstr("lines are missing"));
}

TEST_F(Book, ATornLineIsCutOffAtTheNextStartAndSaid) {
  write({act("drain")});
  put(text() + R"({"n":4,"at":"2026)");
  write({act("resume")});
  EXPECT_EQ(why_not(), "it holds");
  EXPECT_THAT(text(), HasSubstr("17 bytes of a torn line were cut off"));
}

TEST_F(Book, ALastLineThatNobodyWroteStopsTheStart) {
  write({act("drain")});
  put(text() + "something else\n");
  const auto log = AuditLog::open(options());
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(log.error().text, HasSubstr("move the folder aside"));
}

TEST_F(Book, RepeatsAreOneLineAndACount) {
  auto declined = act("bid");
  declined.repeats = true;
  write(std::vector<AuditNote>(500, declined));
  EXPECT_EQ(verify()->lines, 4u) << "open, the first, the count of the others, seal";
  EXPECT_THAT(text(), HasSubstr(R"("count":499)"));
}

TEST_F(Book, WhatIsNoTextIsWrittenAsJsonAllTheSame) {
  write({{.act = "bid", .actor = "\xff\xfe@wujiang", .text = std::string(100'000, 'x')}});
  EXPECT_EQ(why_not(), "it holds");
}

TEST_F(Book, SealsComeWithSoManyLines) {
  write(std::vector<AuditNote>(25, act("drain")), [](AuditOptions& wanted) { wanted.lines_per_seal = 10; });
  EXPECT_EQ(verify()->seals, 3u);
}

TEST(AuditLine, AnyBytesGiveALineOrASentence) {
  for (const auto* text : {"", "{", "[]", "{}", R"({"n":-1})", R"({"n":1,"prev":"zz"})", R"({"n":1,"prev":5})",
                           R"({"n":18446744073709551616,"prev":""})"}) {
    EXPECT_FALSE(audit::read_line(text).ok()) << text;
  }
}

}  // namespace
}  // namespace hansa
