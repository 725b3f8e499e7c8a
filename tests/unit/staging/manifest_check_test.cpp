#include <gtest/gtest.h>

#include "src/staging/manifest_check.hpp"

namespace hansa::staging {
namespace {

using namespace std::string_literals;

ManifestEntry file(std::string path, std::uint64_t size = 0) {
  ManifestEntry entry{.path = std::move(path), .size_bytes = size};
  entry.chunks.resize(chunk_count(size));
  return entry;
}
ManifestEntry folder(std::string path) {
  return {.path = std::move(path), .kind = EntryKind::folder, .mode = 0755};
}
ManifestEntry link(std::string path, std::string target) {
  return {.path = std::move(path), .kind = EntryKind::link, .target = std::move(target)};
}

bool is_sound(std::vector<ManifestEntry> entries, BundleUse use = BundleUse::inputs, const BundleLimits& limits = {}) {
  return check_manifest({std::move(entries)}, limits, use).ok();
}

TEST(ManifestCheck, TakesFilesFoldersAndLinksThatStayInside) {
  EXPECT_TRUE(is_sound({}));
  EXPECT_TRUE(is_sound({file("a"), folder("b"), file("b/c", 10), link("b/d", "../a"), link("e", "b/d"),
                        link("dangling", "nowhere"), file("日本/ü"), file("with space"), file("..."), file("a..b")}));
  EXPECT_TRUE(is_sound({file("b/c"), folder("b")})) << "in any order";
}

TEST(ManifestCheck, RefusesEveryNastyPath) {
  const std::string nasty[] = {
      "",
      "/",
      "/etc/passwd",
      "..",
      "../x",
      "a/..",
      "a/../b",
      "a/../../b",
      ".",
      "./a",
      "a/.",
      "a/./b",
      "a//b",
      "a/",
      "//a",
      "\0"s,
      "a\0b"s,
      "\xff",
      "\xc0\xaf",
      "\xed\xa0\x80"s,
      "\xf4\x90\x80\x80"s,
      "\xc3",
      ".hansa",
      ".hansa/stdout",
      ".hansa/x/y",
      std::string(256, 'n'),
      "d/" + std::string(256, 'n'),
      std::string(2000, 'x'),
  };
  for (const auto& path : nasty) {
    EXPECT_FALSE(is_sound({file(path)})) << path;
    EXPECT_FALSE(is_sound({folder(path)})) << path;
    EXPECT_FALSE(is_sound({link(path, "x")})) << path;
  }
}

TEST(ManifestCheck, RefusesEveryLinkThatLeavesTheFolder) {
  for (const auto& target : {""s, "/"s, "/etc/passwd"s, ".."s, "../x"s, "a/../../x"s, "./../x"s, "a\0b"s}) {
    EXPECT_FALSE(is_sound({link("l", target)})) << target;
  }
  EXPECT_TRUE(is_sound({link("d/l", "../x")}));
  EXPECT_FALSE(is_sound({link("d/l", "../../x")}));
}

// Lexically "a/l/../../x" is "x"; through l, which leads to b, it is "../x".
TEST(ManifestCheck, FollowsOtherLinksOnTheWayAsTheKernelWould) {
  EXPECT_FALSE(is_sound({folder("a"), folder("b"), link("a/l", "../b"), link("out", "a/l/../../x")}));
  EXPECT_TRUE(is_sound({folder("a"), folder("b"), link("a/l", "../b"), link("in", "a/l/../x")}));
  EXPECT_FALSE(is_sound({link("a", "b"), link("b", "a")})) << "a ring";
  EXPECT_FALSE(is_sound({link("self", "self")}));
  EXPECT_TRUE(is_sound({link("a", "."), link("b", "a/a/a/c")}));
}

TEST(ManifestCheck, EndsSoonWithLinksMadeToWasteTime) {
  std::vector<ManifestEntry> entries;
  std::string long_way;
  for (int i = 0; i < 1000; ++i) long_way += "l/";
  entries.push_back(link("l", "."));
  for (int i = 0; i < 15'000; ++i)
    entries.push_back(link("x" + std::to_string(i), "l/l/l/l/l/l/l/l/l/l/l/l/l/l/l/l/y"));
  EXPECT_TRUE(is_sound({link("l", "."), link("m", "l/l/l/y")}));
  EXPECT_FALSE(is_sound({link("l", "."), link("m", long_way)})) << "more links than the kernel follows";
  is_sound(entries);  // either answer; what counts is that it comes
}

TEST(ManifestCheck, RefusesWhatIsNamedTwiceOrLiesBelowAFileOrLink) {
  EXPECT_FALSE(is_sound({file("a"), file("a")}));
  EXPECT_FALSE(is_sound({file("a"), folder("a")}));
  EXPECT_FALSE(is_sound({file("a"), file("a/b")}));
  EXPECT_FALSE(is_sound({file("a/b/c"), file("a")}));
  EXPECT_FALSE(is_sound({link("a", "b"), folder("b"), file("a/c")}));
}

TEST(ManifestCheck, RefusesSizesThatDoNotMatchTheChunks) {
  auto short_of_one = file("a", 3 * chunk_bytes_max);
  short_of_one.chunks.pop_back();
  auto one_more = file("a", 1);
  one_more.chunks.emplace_back();
  auto endless = file("a");
  endless.size_bytes = ~0ull;
  auto folder_with_chunks = folder("a");
  folder_with_chunks.chunks.emplace_back();
  auto sized_link = link("a", "b");
  sized_link.size_bytes = 1;
  auto file_with_target = file("a");
  file_with_target.target = "b";
  auto unknown_kind = file("a");
  unknown_kind.kind = static_cast<EntryKind>(7);
  for (const auto& bad :
       {short_of_one, one_more, endless, folder_with_chunks, sized_link, file_with_target, unknown_kind}) {
    EXPECT_FALSE(is_sound({bad}));
  }
}

TEST(ManifestCheck, HoldsToItsLimits) {
  const BundleLimits limits{.bytes_max = 100, .entries_max = 2};
  EXPECT_TRUE(is_sound({file("a", 50), file("b", 50)}, BundleUse::inputs, limits));
  EXPECT_FALSE(is_sound({file("a", 50), file("b", 51)}, BundleUse::inputs, limits));
  EXPECT_FALSE(is_sound({file("a"), file("b"), file("c")}, BundleUse::inputs, limits));
}

TEST(ManifestCheck, AllowsTheTwoStreamsInOutputsAlone) {
  EXPECT_TRUE(is_sound({file(".hansa/stdout", 3), file(".hansa/stderr", 3)}, BundleUse::outputs));
  EXPECT_FALSE(is_sound({file(".hansa/stdout", 3)}, BundleUse::inputs));
  EXPECT_FALSE(is_sound({file(".hansa/other", 3)}, BundleUse::outputs));
  EXPECT_FALSE(is_sound({link(".hansa/stdout", "../x")}, BundleUse::outputs));
  EXPECT_FALSE(is_sound({folder(".hansa")}, BundleUse::outputs));
}

TEST(ManifestCheck, NamesTheEntryWithoutItsControlCharacters) {
  const auto status = check_manifest({{file("a\x1b[2J/../b")}}, {}, BundleUse::inputs);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().text.find('\x1b'), std::string::npos);
  EXPECT_NE(status.error().text.find("'a\\x1b[2J/../b'"), std::string::npos) << status.error().text;
}

}  // namespace
}  // namespace hansa::staging
