#include <gtest/gtest.h>

#include "src/staging/glob.hpp"

namespace hansa::staging {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  bool matches;
};

TEST(Glob, MatchesAsTheTableSays) {
  const Case cases[] = {
      {"a", "a", true},
      {"a", "b", false},
      {"a", "a/b/c", true},  // a folder means all that is in it
      {"a/", "a/b", true},
      {"./a", "a", true},
      {"ab", "a", false},
      {"a", "ab", false},
      {"*", "a", true},
      {"*", "a/b", true},
      {"*", ".hidden", false},
      {".*", ".hidden", true},
      {"?", ".", false},
      {"[.]a", ".a", false},
      {"*.png", "x.png", true},
      {"*.png", "x.jpg", false},
      {"*.png", "dir/x.png", false},
      {"*/*.png", "dir/x.png", true},
      {"frame-??.png", "frame-07.png", true},
      {"frame-??.png", "frame-7.png", false},
      {"frame-[0-4].png", "frame-3.png", true},
      {"frame-[0-4].png", "frame-7.png", false},
      {"frame-[!0-4].png", "frame-7.png", true},
      {"frame-[^0-4].png", "frame-3.png", false},
      {"[]]", "]", true},
      {"[a-]", "-", true},
      {"a[1].txt", "a[1].txt", true},  // as it is spelled
      {"a[1].txt", "a1.txt", true},
      {"[", "[", true},  // never closed: an ordinary character
      {"[a", "[a", true},
      {"**", "a/b/c", true},
      {"**/x", "x", true},
      {"**/x", "a/b/x", true},
      {"**/x", "a/b/y", false},
      {"a/**/x", "a/x", true},
      {"a/**/x", "a/b/c/x", true},
      {"a/**/x", "b/x", false},
      {"a/**", "a/b", true},
      {"**/*.log", "a/.git/x.log", false},
      {"a**b", "axxb", true},  // within one part, as one star
      {"a**b", "a/b", false},
      {"*a*b*c*", "xxaxxbxxcxx", true},
      {"*a*b*c*", "xxaxxcxxbxx", false},
      {"日?", "日x", true},
  };
  for (const auto& one : cases) {
    const auto glob = Glob::parse(one.pattern);
    ASSERT_TRUE(glob.ok()) << one.pattern;
    EXPECT_EQ(glob->matches(one.path), one.matches) << one.pattern << " and " << one.path;
  }
}

TEST(Glob, LooksOnlyIntoFoldersWhereSomethingCouldMatch) {
  const Case cases[] = {
      {"results/*.png", "results", true},
      {"results/*.png", "data", false},
      {"results/*.png", "results/deep", false},
      {"**/x", "any/where", true},
      {"a", "a", true},
      {"a/b/c", "a/b", true},
      {"a/b/c", "a/x", false},
      {"*/b/*", "q", true},
      {"*/b/*", "q/c", false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(Glob::parse(one.pattern)->may_match_beneath(one.path), one.matches) << one.pattern << " " << one.path;
  }
}

TEST(Glob, RefusesWhatWouldLeaveTheFolder) {
  for (const auto* bad : {"", "/etc/*", "../x", "a/../b", "a//b", "a/.."}) {
    const auto glob = Glob::parse(bad);
    ASSERT_FALSE(glob.ok()) << bad;
    EXPECT_EQ(glob.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(Glob::parse(std::string(5000, 'a')).ok());
}

TEST(Glob, TakesNoLongTimeForAHostilePattern) {
  std::string pattern, path, deep_pattern, deep_path;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  pattern += "b";
  path = std::string(250, 'a');
  EXPECT_FALSE(Glob::parse(pattern)->matches(path));
  for (int i = 0; i < 200; ++i) deep_pattern += "**/a/";
  for (int i = 0; i < 400; ++i) deep_path += "a/";
  EXPECT_FALSE(Glob::parse(deep_pattern + "b")->matches(deep_path + "c"));
}

}  // namespace
}  // namespace hansa::staging
