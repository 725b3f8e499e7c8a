#include "src/staging/holders.hpp"
#include "tests/contract/staging/two_sites.hpp"

namespace hansa::staging {
namespace {

using Outputs = TwoSites;

EncodedPayload wanting(std::vector<std::string> globs) {
  return EncodedPayload(encode(JobPayload{.outputs = std::move(globs)}));
}

TEST_F(Outputs, ComeHomeWithTheStreams) {
  const auto frame = noise(2 * chunk_bytes_max + 9);
  write_in_run("work/frame.png", frame);
  write_in_run("stdout", "done\n");
  const auto collected = collect(wanting({"*.png"}));
  EXPECT_EQ(collected.bytes, frame.size() + 5);
  EXPECT_EQ(pull(collected.outputs).problem, "");
  const auto manifest = origin.output_manifest(job);
  ASSERT_TRUE(manifest.ok());
  ASSERT_EQ(manifest->entries.size(), 2u);
  std::string fetched;
  for (const auto& hash : manifest->entries[1].chunks) fetched += *open_chunk(hash, *origin.output_chunk(job, hash));
  EXPECT_EQ(fetched, frame);
  EXPECT_FALSE(origin.output_chunk(job, chunk_hash("something else")).ok());
}

TEST_F(Outputs, OfARunThatWroteNothingAreHomeAtOnce) {
  const auto collected = collect(wanting({}));
  EXPECT_TRUE(collected.outputs.is_zero());
  EXPECT_EQ(pull(collected.outputs).problem, "");
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Outputs, OfALocalRunNeedNoNetwork) {
  origin.runs.write(file_name(run) + "/stdout", "local");
  origin.service->perform(CollectOutputs{run, wanting({})});
  const auto collected = origin.next<OutputsCollected>();
  ASSERT_TRUE(collected);
  origin.service->perform(PullOutputs{run, origin.self, collected->outputs});
  ASSERT_TRUE(origin.next<OutputsHome>());
  origin.service->perform(DropRunFiles{run});
  EXPECT_EQ(origin.log({.run = run}, origin.self)->bytes, "local");
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Outputs, CollectedTwiceAreTheSame) {
  write_in_run("stdout", "same");
  EXPECT_EQ(collect(wanting({})).outputs, collect(wanting({})).outputs);
}

TEST_F(Outputs, WaitForAHostThatIsAwayAndSurviveARestartOfBoth) {
  write_in_run("work/f", noise(6 * chunk_bytes_max));
  const auto collected = collect(wanting({"f"}));
  host.stop();
  origin.service->perform(PullOutputs{run, host.self, collected.outputs});
  origin.stop();
  origin.start();
  host.start();
  EXPECT_EQ(pull(collected.outputs).problem, "");
  EXPECT_EQ(origin.output_manifest(job)->entries.size(), 1u);
}

TEST_F(Outputs, OfWhichAChunkIsGoneComeHomeWithoutThatFile) {
  write_in_run("work/good", "good");
  write_in_run("work/lost", "lost");
  const auto collected = collect(wanting({"*"}));
  const auto name = hash_text(chunk_hash("lost"));
  std::filesystem::remove(host.state.path("chunks/" + name.substr(0, 2) + '/' + name + ".zst"));
  const auto home = pull(collected.outputs);
  EXPECT_NE(home.problem.find("site taihu can't give chunk"), std::string::npos) << home.problem;
  const auto manifest = origin.output_manifest(job);
  ASSERT_TRUE(manifest.ok());
  ASSERT_EQ(manifest->entries.size(), 1u);
  EXPECT_EQ(manifest->entries[0].path, "good");
}

TEST_F(Outputs, ThatTheHostNeverHadAreHomeWithAProblem) {
  const auto home = pull(chunk_hash("no manifest"));
  EXPECT_NE(home.problem, "");
  EXPECT_FALSE(origin.output_manifest(job).ok());
}

TEST_F(Outputs, AreGivenToTheOriginAlone) {
  write_in_run("stdout", "secret");
  const auto collected = collect(wanting({}));
  TestSite stranger(network, "stranger");
  stranger.service->perform(PullOutputs{run, host.self, collected.outputs});
  const auto home = stranger.next<OutputsHome>();
  ASSERT_TRUE(home);
  EXPECT_NE(home->problem, "");
  EXPECT_EQ(network.sent<ChunkData>(), 0u);
}

TEST_F(Outputs, WithAManifestThatIsNotSoundAreNotKept) {
  const auto evil = encode(Manifest{{{.path = "../x", .size_bytes = 0}}});
  write_in_run("stdout", "x");
  const auto collected = collect(wanting({}));
  network.set_fault([&](auto&, auto&, BulkMessage& message) {
    if (auto* get = std::get_if<ChunkGet>(&message)) get->hash = collected.outputs;
    if (auto* data = std::get_if<ChunkData>(&message)) *data = {data->request, chunk_hash(evil), seal_chunk(evil)};
    return true;
  });
  EXPECT_NE(pull(chunk_hash(evil)).problem.find("'../x'"), std::string::npos);
  EXPECT_FALSE(origin.output_manifest(job).ok());
}

TEST_F(Outputs, GoWithTheirRunAtTheHostAndWithTheirJobAtTheOrigin) {
  write_in_run("stdout", "x");
  const auto collected = collect(wanting({}));
  pull(collected.outputs);
  EXPECT_TRUE(host.state.exists("bundles/" + collected_holder(run) + ".manifest"));
  host.service->perform(DropRunFiles{run});
  host.service->perform(DropRunFiles{run});
  origin.service->perform(DropJobFiles{job});
  // A command behind the drops: when it is answered, they are done.
  host.service->perform(PullOutputs{run, host.self, {}});
  origin.service->perform(PullOutputs{run, host.self, {}});
  ASSERT_TRUE(host.next<OutputsHome>());
  ASSERT_TRUE(origin.next<OutputsHome>());
  EXPECT_FALSE(host.state.exists("bundles/" + collected_holder(run) + ".manifest"));
  EXPECT_FALSE(origin.output_manifest(job).ok());
  for (const auto* site : {&host, &origin}) EXPECT_TRUE(std::filesystem::is_empty(site->state.path("bundles")));
}

TEST_F(Outputs, OfNobodyOnRecordAreLetGoAfterARestart) {
  write_in_run("stdout", "x");
  pull(collect(wanting({})).outputs);
  host.service->keep_only({}, {run});
  EXPECT_TRUE(host.state.exists("bundles/" + collected_holder(run) + ".manifest"));
  host.service->keep_only({}, {});
  EXPECT_FALSE(host.state.exists("bundles/" + collected_holder(run) + ".manifest"));
  origin.service->keep_only({job}, {});
  EXPECT_TRUE(origin.output_manifest(job).ok());
  origin.service->keep_only({}, {});
  EXPECT_FALSE(origin.output_manifest(job).ok());
}

TEST(Uploads, AreCheckedAgainstTheirName) {
  Network network;
  TestSite site(network, "wujiang");
  EXPECT_TRUE(site.put(chunk_hash("x"), seal_chunk("x")).ok());
  EXPECT_FALSE(site.put(chunk_hash("y"), seal_chunk("x")).ok());
  EXPECT_FALSE(site.put(chunk_hash("y"), "not zstd").ok());
  const std::string bomb(chunk_bytes_max + 1, '\0');
  EXPECT_FALSE(site.put(chunk_hash(bomb), seal_chunk(bomb)).ok());
  site.service->missing_chunks({chunk_hash("x"), chunk_hash("y")}, [](Result<std::vector<ContentHash>> missing) {
    EXPECT_EQ(*missing, std::vector{chunk_hash("y")});
  });
}

TEST(Uploads, MustBeHereBeforeAJobThatNamesThemIsTaken) {
  Network network;
  TestSite site(network, "wujiang");
  const Manifest manifest{{{.path = "f", .size_bytes = 1, .chunks = {chunk_hash("x")}}}};
  EXPECT_FALSE(site.service->check_inputs(manifest).ok());
  EXPECT_TRUE(site.put(chunk_hash("x"), seal_chunk("x")).ok());
  EXPECT_TRUE(site.service->check_inputs(manifest).ok());
}

}  // namespace
}  // namespace hansa::staging
