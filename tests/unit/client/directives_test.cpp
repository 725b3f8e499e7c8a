#include "src/client/directives.hpp"

#include <gtest/gtest.h>

namespace hansa::client {
namespace {

TEST(Directives, StandBeforeTheFirstCommand) {
  const auto found = read_directives(
      "#!/bin/bash\n#SBATCH -N 2 --time=10\n\n# a remark\n#HANSA --region cn/east\n#SBATCH --gpus=8 # eight\n"
      "echo start\n#SBATCH --nodes=9\n",
      "train.sh");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->sbatch, (std::vector<DirectiveLine>{{2, {"-N", "2", "--time=10"}}, {6, {"--gpus=8"}}}));
  EXPECT_EQ(found->hansa, (std::vector<DirectiveLine>{{5, {"--region", "cn/east"}}}));
}

TEST(Directives, AreWrittenExactlySo) {
  const auto found =
      read_directives("#!/bin/bash\n##SBATCH --nodes=9\n#SBATCHED\n #SBATCH --nodes=8\n#sbatch -N7\n", "x");
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->sbatch.empty());
}

TEST(Directives, QuotesHoldWordsTogether) {
  EXPECT_EQ(*split_words(R"(--comment="two words" -J 'it''s' a"b c"d "")"),
            (std::vector<std::string>{"--comment=two words", "-J", "its", "ab cd", ""}));
  EXPECT_EQ(*split_words("a#b #c"), (std::vector<std::string>{"a#b"}));
  EXPECT_EQ(*split_words("a\r"), (std::vector<std::string>{"a"}));
}

TEST(Directives, AnOpenQuoteIsSaidWithItsLine) {
  const auto found = read_directives("#!/bin/sh\n#SBATCH -J 'x\n", "train.sh");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().text, "train.sh, line 2: a quote is not closed");
}

}  // namespace
}  // namespace hansa::client
