#include "src/client/args.hpp"

#include <gtest/gtest.h>

namespace hansa::client {
namespace {

const Option known[] = {
    {"time", 't', "TIME", ""}, {"follow", 'f', "", ""}, {"json", 0, "", ""}, {"name", 'n', "NAME", ""}};

Result<Args> parse(std::vector<std::string> words, Words policy = Words::anywhere) {
  return parse_args(known, words, policy);
}

TEST(Args, AnOptionIsWrittenInAnyUsualWay) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--time=2h"}, {"--time", "2h"}, {"-t2h"}, {"-t", "2h"}, {"-t=2h"}, {"-ft2h"}, {"-ft", "2h"}}) {
    const auto args = parse(words);
    ASSERT_TRUE(args.ok()) << words[0];
    EXPECT_EQ(args->last("time"), "2h") << words[0];
  }
}

TEST(Args, TheLastOneWinsAndAllAreKept) {
  const auto args = parse({"-n", "a", "--name=b"});
  EXPECT_EQ(args->last("name"), "b");
  EXPECT_EQ(args->given.size(), 2u);
  EXPECT_FALSE(args->has("json"));
}

TEST(Args, WordsEndTheOptionsOfAScriptOnly) {
  const auto anywhere = parse({"job", "-f"});
  EXPECT_TRUE(anywhere->has("follow"));
  const auto script = parse({"--json", "run.sh", "-f", "--time"}, Words::end_options);
  EXPECT_TRUE(script->has("json"));
  EXPECT_FALSE(script->has("follow"));
  EXPECT_EQ(script->words, (std::vector<std::string>{"run.sh", "-f", "--time"}));
  EXPECT_FALSE(script->after_dashes);
}

TEST(Args, TwoDashesBeginACommand) {
  const auto args = parse({"-f", "--", "python", "-f", "x"}, Words::end_options);
  EXPECT_TRUE(args->after_dashes);
  EXPECT_EQ(args->words, (std::vector<std::string>{"python", "-f", "x"}));
}

TEST(Args, WhatIsWrongIsSaid) {
  EXPECT_EQ(parse({"--tmie", "x"}).error().text, "unknown option --tmie");
  EXPECT_EQ(parse({"-q"}).error().text, "unknown option -q");
  EXPECT_EQ(parse({"--json=1"}).error().text, "--json takes no value");
  EXPECT_EQ(parse({"--time"}).error().text, "--time needs a value: --time TIME");
  EXPECT_EQ(parse({"-t"}).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace hansa::client
