#include <gtest/gtest.h>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/collect.hpp"
#include "src/staging/paths.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

class StoreAsSink final : public ChunkSink {
 public:
  explicit StoreAsSink(ChunkStore& chunks) : chunks_(chunks) {}
  Status put(const ContentHash& hash, std::string_view bytes) override { return chunks_.put_bytes(hash, bytes); }

 private:
  ChunkStore& chunks_;
};

// A run whose folder is `work` and whose streams lie beside it, or in it, as the test likes.
class Collect : public ::testing::Test, public RunFolders {
 public:
  Result<std::string> folder_of(const RunKey&) override { return place.path("work"); }
  std::string stdout_file(const RunKey&) const override { return place.path(out); }
  std::string stderr_file(const RunKey&) const override { return place.path(err); }

  Collected collect(const std::vector<std::string>& globs, const BundleLimits& limits = {}) {
    place.folder("work");
    StoreAsSink sink(*chunks);
    auto collected = collect_outputs(*this, {}, globs, limits, *chunks, sink);
    EXPECT_TRUE(collected.ok()) << collected.error().text;
    return *collected;
  }
  static std::vector<std::string> paths_of(const Collected& collected) {
    std::vector<std::string> paths;
    for (const auto& entry : collected.manifest.entries) paths.push_back(entry.path);
    return paths;
  }
  using Paths = std::vector<std::string>;

  TempFolder place;
  std::string out = "stdout", err = "stderr";
  std::unique_ptr<ChunkStore> chunks = std::move(ChunkStore::open(place.path("chunks"), {})).value();
};

TEST_F(Collect, WithoutGlobsBringsOnlyTheStreams) {
  place.write("work/result", "r");
  place.write("stdout", "hello");
  place.write("stderr", "oops");
  const auto collected = collect({});
  EXPECT_EQ(paths_of(collected), (Paths{".hansa/stdout", ".hansa/stderr"}));
  EXPECT_EQ(collected.bytes, 9u);
  EXPECT_EQ(collected.problem, "");
}

TEST_F(Collect, StoresTheManifestAsAChunkNamedByItsHash) {
  place.write("stdout", "hello");
  const auto collected = collect({});
  const auto encoded = chunks->read(collected.hash);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(*decode<Manifest>(*encoded), collected.manifest);
  EXPECT_EQ(*chunks->read(collected.manifest.entries[0].chunks[0]), "hello");
}

TEST_F(Collect, OfARunThatWroteNothingHasNothingToFetch) {
  place.write("stdout", "");
  const auto collected = collect({});
  EXPECT_TRUE(collected.hash.is_zero());
  EXPECT_EQ(collected.problem, "");
}

TEST_F(Collect, TakesJoinedStreamsOnce) {
  err = out;
  place.write("stdout", "both");
  EXPECT_EQ(paths_of(collect({})), Paths{".hansa/stdout"});
}

TEST_F(Collect, SelectsByGlobAndSaysWhatSelectedNothing) {
  for (const auto* name : {"a.png", "b.png", "c.txt", "deep/d.png", ".hidden.png"})
    place.write("work/" + std::string(name), name);
  const auto collected = collect({"*.png", "deep", "*.csv", "../x"});
  EXPECT_EQ(paths_of(collected), (Paths{"a.png", "b.png", "deep", "deep/d.png"}));
  EXPECT_NE(collected.problem.find("'*.csv' names nothing"), std::string::npos) << collected.problem;
  EXPECT_NE(collected.problem.find("'../x'"), std::string::npos) << collected.problem;
}

TEST_F(Collect, LeavesOutWhatCannotTravelAndNamesIt) {
  place.write("work/good", "g");
  place.link("work/passwd", "/etc/passwd");
  place.link("work/up", "..");
  ASSERT_EQ(0, ::mkfifo(place.path("work/pipe").c_str(), 0600));
  place.write("work/.hansa/stdout", "forged");
  const auto collected = collect({"*", ".hansa/*"});
  EXPECT_EQ(paths_of(collected), Paths{"good"});
  for (const auto* name : {"'passwd'", "'up'", "'pipe'", "'.hansa/stdout'"}) {
    EXPECT_NE(collected.problem.find(name), std::string::npos) << name << " in " << collected.problem;
  }
}

TEST_F(Collect, IsNotFooledByAFolderThatIsALink) {
  TempFolder outside;
  outside.write("secret", "s");
  place.folder("work");
  place.link("work/results", outside.path());
  const auto collected = collect({"results/*", "results/secret", "**/secret", "results"});
  EXPECT_TRUE(collected.manifest.empty()) << collected.manifest.entries[0].path;
}

TEST_F(Collect, IsNotFooledByAStreamThatIsALink) {
  TempFolder outside;
  outside.write("secret", "s");
  outside.write("out", "s");
  place.folder("work");
  place.link("stdout", outside.path("secret"));
  EXPECT_TRUE(collect({}).manifest.empty());
  out = "work/logs/out";  // within the run's folder, a folder on the way turned into a link
  place.link("work/logs", outside.path());
  EXPECT_TRUE(collect({}).manifest.empty());
}

TEST_F(Collect, LeavesOutASecondNameOfSomebodyElsesFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs a file of another user";
  place.write("secret", "s");
  place.folder("work");
  ASSERT_EQ(0, ::chown(place.path("work").c_str(), 65534, 65534));
  ASSERT_EQ(0, ::link(place.path("secret").c_str(), place.path("work/mine").c_str()));
  const auto collected = collect({"*"});
  EXPECT_TRUE(collected.manifest.empty());
  EXPECT_NE(collected.problem.find("somebody else"), std::string::npos) << collected.problem;
}

TEST_F(Collect, LeavesOutWhatGoesBeyondTheLimitAndBringsTheRest) {
  place.write("stdout", "123");
  place.write("work/large", std::string(100, 'x'));
  place.write("work/small", "12345");
  const auto collected = collect({"*"}, {.bytes_max = 10});
  EXPECT_EQ(paths_of(collected), (Paths{".hansa/stdout", "small"}));
  EXPECT_NE(collected.problem.find("'large'"), std::string::npos);
}

TEST_F(Collect, SaysWhenTheListItselfIsTooLong) {
  place.write("stdout", "out");
  const std::string long_name(240, 'n');
  for (int i = 0; i < 18'000; ++i) place.write("work/" + long_name + std::to_string(i), "");
  const auto collected = collect({"*"});
  EXPECT_EQ(paths_of(collected), Paths{".hansa/stdout"});
  EXPECT_NE(collected.problem.find("longer than 4 MiB"), std::string::npos) << collected.problem;
}

}  // namespace
}  // namespace hansa::staging
