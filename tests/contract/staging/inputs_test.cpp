#include <atomic>
#include <thread>

#include "tests/contract/staging/two_sites.hpp"

namespace hansa::staging {
namespace {

using Inputs = TwoSites;

// For what no event tells.
bool comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST_F(Inputs, TravelToTheHostAndAreLaidOut) {
  const auto large = noise(3 * chunk_bytes_max + 1);
  files.write("data/large", large);
  files.write("run.sh", "echo");
  files.link("data/again", "large");
  host.service->perform(FetchInputs{run, origin.self, origin.submit(job, files)});
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(in_run("work/data/again"), large);
  EXPECT_EQ(in_run("work/run.sh"), "echo");
  EXPECT_GT(host.count<InputsProgress>(), 0u);
}

TEST_F(Inputs, OfAJobWithoutFilesAreReadyAtOnce) {
  host.service->perform(FetchInputs{run, origin.self, EncodedPayload(encode(JobPayload{}))});
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Inputs, OfALocalJobNeedNoNetwork) {
  files.write("f", "here");
  origin.service->perform(FetchInputs{run, origin.self, origin.submit(job, files)});
  ASSERT_TRUE(origin.next<InputsReady>());
  EXPECT_EQ(origin.runs.read(file_name(run) + "/work/f"), "here");
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Inputs, AreFetchedAgainWhenAChunkIsLostOnTheWay) {
  files.write("f", noise(5 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  host.answer_within = std::chrono::milliseconds(50);
  host.restart();
  std::atomic<int> lost{0};
  network.set_fault(
      [&](auto&, auto&, BulkMessage& message) { return !std::holds_alternative<ChunkData>(message) || ++lost > 3; });
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsReady>());
  network.set_fault(nullptr);
  EXPECT_GT(lost, 3);
}

TEST_F(Inputs, AreFetchedAgainWhenAChunkComesDamaged) {
  files.write("f", noise(2 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  network.set_fault([damaged = 0](auto&, auto&, BulkMessage& message) mutable {
    if (auto* data = std::get_if<ChunkData>(&message); data != nullptr && damaged < 2) {
      data->zstd[data->zstd.size() / 2] ^= 1;
      ++damaged;
    }
    return true;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(in_run("work/f"), files.read("f"));
  EXPECT_EQ(network.sent<ChunkGet>(), 4u);
}

TEST_F(Inputs, FailWhenNothingButDamageComes) {
  files.write("f", "content");
  const auto payload = origin.submit(job, files);
  network.set_fault([&](auto&, auto&, BulkMessage& message) {
    if (auto* data = std::get_if<ChunkData>(&message)) data->zstd = seal_chunk("something else");
    return true;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  const auto failed = host.next<InputsFailed>();
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("damaged"), std::string::npos) << failed->text;
}

TEST_F(Inputs, GoOnWhereTheyWereWhenTheConnectionComesBack) {
  files.write("f", noise(12 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  network.set_fault([&, came = 0](auto&, auto&, BulkMessage& message) mutable {
    if (std::holds_alternative<ChunkData>(message) && ++came == 5) network.cut_from_within();
    return came != 5;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(host.next<InputsProgress>());
  network.tell_links(false);
  network.set_fault(nullptr);
  network.tell_links(true);
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(in_run("work/f"), files.read("f"));
}

TEST_F(Inputs, AreLaidOutWhileTheRestIsOnItsWay) {
  files.write("f", noise(6 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  NullSink sink;
  const auto last = pack_folder(files.path(), {}, sink)->entries.front().chunks.back();
  network.set_fault([&](auto&, auto&, BulkMessage& message) {
    const auto* data = std::get_if<ChunkData>(&message);
    return data == nullptr || data->hash != last;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  EXPECT_TRUE(comes_true([&] { return in_run("work/f").size() == 5 * chunk_bytes_max; }));
  EXPECT_EQ(host.count<InputsReady>(), 0u);
  network.set_fault(nullptr);
}

TEST_F(Inputs, ThatFailHalfLaidOutFailOnceWithTheirReason) {
  files.write("f", noise(8 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  network.set_fault([came = 0](auto&, auto&, BulkMessage& message) mutable {
    auto* data = std::get_if<ChunkData>(&message);
    if (data != nullptr && ++came > 4) data->zstd = seal_chunk("something else");
    return true;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  const auto failed = host.next<InputsFailed>();
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("damaged"), std::string::npos) << failed->text;
  network.set_fault(nullptr);
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsReady>()) << "asked for again";
  EXPECT_EQ(in_run("work/f"), files.read("f"));
  EXPECT_EQ(host.count<InputsFailed>(), 0u);
}

TEST_F(Inputs, AfterARestartOnlyWhatIsMissingTravels) {
  files.write("f", noise(10 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  network.set_fault([came = 0](auto&, auto&, BulkMessage& message) mutable {
    return !std::holds_alternative<ChunkData>(message) || ++came <= 6;
  });
  host.service->perform(FetchInputs{run, origin.self, payload});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(host.next<InputsProgress>());
  host.stop();
  std::set<ContentHash> asked;
  network.set_fault([&](auto&, auto&, BulkMessage& message) {
    if (const auto* get = std::get_if<ChunkGet>(&message)) asked.insert(get->hash);
    return true;
  });
  host.start();
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsReady>());
  network.set_fault(nullptr);
  EXPECT_EQ(asked.size(), 4u);
}

TEST_F(Inputs, WaitForAnOriginThatIsAway) {
  files.write("f", "late");
  const auto payload = origin.submit(job, files);
  origin.stop();
  host.service->perform(FetchInputs{run, origin.self, payload});
  host.service->perform(FetchInputs{run, origin.self, payload});  // twice changes nothing
  origin.start();
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(in_run("work/f"), "late");
  EXPECT_EQ(host.count<InputsReady>(), 0u);
  EXPECT_EQ(host.count<InputsFailed>(), 0u);
}

TEST_F(Inputs, AskedForAgainAreReadyAgain) {
  files.write("f", "x");
  const auto payload = origin.submit(job, files);
  for (int i = 0; i < 2; ++i) {
    host.service->perform(FetchInputs{run, origin.self, payload});
    ASSERT_TRUE(host.next<InputsReady>());
  }
  EXPECT_EQ(network.sent<ChunkGet>(), 1u);
}

TEST_F(Inputs, OfManyTasksWithTheSameBundleTravelOnce) {
  files.write("f", noise(4 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    origin.set_host(host.self, {job, {i}});
    host.service->perform(FetchInputs{{job, {i}}, origin.self, payload});
  }
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(network.sent<ChunkData>(), 4u);
}

TEST_F(Inputs, ThatAreGoneAtTheOriginFailWithItsReason) {
  files.write("f", "x");
  const auto payload = origin.submit(job, files);
  std::filesystem::remove_all(origin.state.path("chunks"));
  host.service->perform(FetchInputs{run, origin.self, payload});
  const auto failed = host.next<InputsFailed>();
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("site wujiang can't give chunk"), std::string::npos) << failed->text;
}

TEST_F(Inputs, ThatWentBadOnTheOriginsDiskAreThrownAwayThere) {
  files.write("f", "content");
  const auto payload = origin.submit(job, files);
  const auto name = hash_text(chunk_hash("content"));
  origin.state.write("chunks/" + name.substr(0, 2) + '/' + name + ".zst", seal_chunk("rotten"));
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsFailed>());
  origin.service->missing_chunks({chunk_hash("content")}, [](auto missing) { EXPECT_EQ(missing->size(), 1u); });
}

TEST_F(Inputs, WithAPathThatLeavesTheFolderFailBeforeAnythingIsAsked) {
  const Manifest evil{{{.path = "../x", .size_bytes = 1, .chunks = {chunk_hash("x")}}}};
  host.service->perform(FetchInputs{run, origin.self, EncodedPayload(encode(JobPayload{.inputs = evil}))});
  ASSERT_TRUE(host.next<InputsFailed>());
  host.service->perform(FetchInputs{run, origin.self, EncodedPayload("rubbish")});
  ASSERT_TRUE(host.next<InputsFailed>());
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Inputs, ThatDoNotFitTheChunkStoreFail) {
  files.write("f", noise(2 * chunk_bytes_max));
  const auto payload = origin.submit(job, files);
  host.store_bytes_max = chunk_bytes_max;
  host.restart();
  host.service->perform(FetchInputs{run, origin.self, payload});
  const auto failed = host.next<InputsFailed>();
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("full"), std::string::npos) << failed->text;
}

TEST_F(Inputs, AreNotGivenToASiteThatIsNotTheHost) {
  files.write("f", "secret");
  const auto payload = origin.submit(job, files);
  TestSite stranger(network, "stranger");
  stranger.service->perform(FetchInputs{run, origin.self, payload});
  const auto failed = stranger.next<InputsFailed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(network.sent<ChunkData>(), 0u);
}

TEST_F(Inputs, AHostGetsNoChunkOfAnotherJob) {
  files.write("f", "public");
  (void)origin.submit(job, files);
  TempFolder others;
  others.write("g", "secret");
  const auto payload = origin.submit({.store = {{7}}, .number = 43}, others);
  host.service->perform(FetchInputs{run, origin.self, payload});
  ASSERT_TRUE(host.next<InputsFailed>());
  EXPECT_EQ(network.sent<ChunkData>(), 0u);
}

TEST_F(Inputs, OfADroppedRunAreAskedForNoMore) {
  files.write("f", "x");
  const auto payload = origin.submit(job, files);
  origin.stop();
  host.service->perform(FetchInputs{run, origin.self, payload});
  host.service->perform(DropRunFiles{run});
  const RunKey other{job, {2}};
  origin.start();
  origin.set_host(host.self, other);
  host.service->perform(FetchInputs{other, origin.self, payload});
  ASSERT_TRUE(host.next<InputsReady>());
  EXPECT_EQ(host.count<InputsReady>(), 0u);
}

}  // namespace
}  // namespace hansa::staging
