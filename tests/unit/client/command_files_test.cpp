// What travels with a job and what comes back, through the real command.
#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "tests/unit/client/command_fixture.hpp"

namespace hansa {
namespace {

using CommandFiles = CommandTest;

TEST_F(CommandFiles, InputsAreUploadedOnceAndNamedInTheJob) {
  write("data/a.txt", "alpha");
  write("data/b.bin", std::string(5u << 20, 'b'));
  const auto ran = hansa({"submit", "--input", "data", "--output", "out/*.png", "--wrap=x"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(api_.stored_chunks().size(), 3u);
  EXPECT_TRUE(api_.stored_chunks().contains(staging::chunk_hash("alpha")));
  const auto payload = decode<JobPayload>(*api_.submissions().at(0).payload);
  EXPECT_EQ(payload->inputs.size_bytes(), 5u + (5u << 20));
  EXPECT_EQ(payload->outputs, (std::vector<std::string>{"out/*.png"}));
  EXPECT_EQ(api_.submissions().at(0).request->bundle_bytes, 5u + (5u << 20));
  EXPECT_EQ(hansa({"submit", "--input", "data", "--wrap=y"}).code, 0);
  EXPECT_EQ(api_.stored_chunks().size(), 3u);
}

TEST_F(CommandFiles, AFolderTravelsWhole) {
  write("project/run.sh", "#!/bin/sh\n");
  write("project/lib/x", "x");
  EXPECT_EQ(hansa({"submit", "--workdir", "project", "project/run.sh"}).code, 0);
  const auto payload = decode<JobPayload>(*api_.submissions().at(0).payload);
  std::vector<std::string> paths;
  for (const auto& entry : payload->inputs.entries) paths.push_back(entry.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"lib", "lib/x", "run.sh"}));
  EXPECT_EQ(payload->workdir, "");
  write("data/a", "a");
  EXPECT_EQ(hansa({"submit", "--workdir", "project", "--input", "data", "project/run.sh"}).code, 0);
  EXPECT_EQ(decode<JobPayload>(*api_.submissions().at(1).payload)->workdir, "project");
}

TEST_F(CommandFiles, AnInputThatIsMissingOrOutsideIsRefusedByName) {
  const auto missing = hansa({"submit", "--input", "nothing-here", "--wrap=x"});
  EXPECT_NE(missing.code, 0);
  EXPECT_NE(missing.err.find("nothing-here"), std::string::npos);
  EXPECT_NE(hansa({"submit", "--input", "/etc/passwd", "--wrap=x"}).code, 0);
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(CommandFiles, OutputsAreFetchedIntoAFolder) {
  hansa({"submit", "--wrap=x"});
  const auto hash = staging::chunk_hash("pixels");
  api_.put_output({{{.path = "out", .kind = EntryKind::folder, .mode = 0755},
                    {.path = "out/frame.png", .size_bytes = 6, .chunks = {hash}}}},
                  {{hash, staging::seal_chunk("pixels")}});
  const auto ran = hansa({"fetch", "wujiang-1042", "results"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "1 file, 6 B, in results\n");
  EXPECT_EQ(read_all(path("results/out/frame.png")), "pixels");
  EXPECT_EQ(hansa({"fetch", "wujiang-1042"}).code, 0);
  EXPECT_EQ(read_all(path("wujiang-1042/out/frame.png")), "pixels");
}

TEST_F(CommandFiles, AnArrayIsFetchedTaskByTask) {
  hansa({"submit", "--array", "1-2", "--wrap=x"});
  for (const int task : {1, 2}) {
    api_.split_off(1042, task);
    api_.finish(1042, task - 1, task);
  }
  const auto hash = staging::chunk_hash("pixels");
  api_.put_output({{{.path = "frame.png", .size_bytes = 6, .chunks = {hash}}}},
                  {{hash, staging::seal_chunk("pixels")}});
  const auto ran = hansa({"fetch", "wujiang-1042", "results"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "2 tasks, 2 files, 12 B, in results\n");
  EXPECT_EQ(read_all(path("results/1/frame.png")), "pixels");
  EXPECT_EQ(read_all(path("results/2/frame.png")), "pixels");
  EXPECT_EQ(hansa({"fetch", "wujiang-1042_2", "two"}).code, 0);
  EXPECT_EQ(read_all(path("two/frame.png")), "pixels");
}

TEST_F(CommandFiles, WhatAnArrayStillLacksIsSaidAndIsNoSuccess) {
  hansa({"submit", "--array", "1-9", "--wrap=x"});
  for (const int task : {1, 2, 3}) api_.split_off(1042, task, 6);
  const auto nothing = hansa({"fetch", "1042", "early"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_NE(nothing.err.find("no task of wujiang-1042 could be fetched"), std::string::npos) << nothing.err;
  api_.finish(1042, 0, 2);
  const auto some = hansa({"fetch", "1042", "results"});
  EXPECT_EQ(some.code, 1);
  EXPECT_EQ(some.out, "1 task, 0 files, 0 B, in results\n");
  EXPECT_EQ(some.err,
            "hansa: not fetched: wujiang-1042_1, wujiang-1042_3: not ended yet, PENDING (Resources)\n"
            "hansa: not fetched: 6 tasks still wait within the array\n");
  EXPECT_TRUE(std::filesystem::exists(path("results/2")));
  EXPECT_FALSE(std::filesystem::exists(path("results/1")));
}

TEST_F(CommandFiles, ATaskWhoseOutputsCannotBeReadDoesNotStopTheOthers) {
  hansa({"submit", "--array", "1-2", "--wrap=x"});
  for (const int task : {1, 2}) {
    api_.split_off(1042, task);
    api_.finish(1042, 0, task);
  }
  write("results/1", "a file where the folder belongs");
  const auto ran = hansa({"fetch", "1042", "results"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "1 task, 0 files, 0 B, in results\n");
  EXPECT_EQ(ran.err.find("hansa: not fetched: wujiang-1042_1: "), 0u) << ran.err;
}

TEST_F(CommandFiles, AManifestThatLeavesTheFolderOrAChunkThatLiesIsRefused) {
  hansa({"submit", "--wrap=x"});
  const auto hash = staging::chunk_hash("pixels");
  api_.put_output({{{.path = "../escaped", .size_bytes = 6, .chunks = {hash}}}},
                  {{hash, staging::seal_chunk("pixels")}});
  EXPECT_NE(hansa({"fetch", "1042", "results"}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("escaped")));
  api_.put_output({{{.path = "frame", .size_bytes = 6, .chunks = {hash}}}}, {{hash, staging::seal_chunk("lies!!")}});
  EXPECT_NE(hansa({"fetch", "1042", "results"}).code, 0);
  EXPECT_NE(read_all(path("results/frame")), "lies!!");
}

TEST_F(CommandFiles, LogsAreFollowedToTheEnd) {
  hansa({"submit", "--wrap=x"});
  api_.append_log("first\n", false);
  EXPECT_EQ(hansa({"logs", "1042"}).out, "first\n");
  auto follower = spawn({"logs", "-f", "1042"});
  until([&] { return read_all(follower.out) == "first\n"; });
  api_.append_log(std::string("second\0\n", 8), false);
  until([&] { return read_all(follower.out).size() == 14; });
  api_.append_log("third\n", true);
  const auto ran = end_of(follower);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, std::string("first\nsecond\0\nthird\n", 20));
  EXPECT_EQ(hansa({"logs", "--stderr", "1042"}).out, "");
}

}  // namespace
}  // namespace hansa
