#include "src/staging/holders.hpp"
#include "tests/contract/staging/two_sites.hpp"

namespace hansa::staging {
namespace {

class Checkpoint : public TwoSites {
 public:
  // A run that died in the midst of its work.
  OutputsCollected collect_with(const EncodedPayload& payload, const std::string& folder) {
    host.set_life(run, RunLife::ended);
    host.service->perform(CollectOutputs{run, payload, folder});
    const auto collected = host.next<OutputsCollected>();
    EXPECT_TRUE(collected);
    return collected.value_or(OutputsCollected{});
  }
  CheckpointHome bring(const EncodedPayload& payload, const ContentHash& outputs, const std::string& folder) {
    origin.service->perform(BringCheckpoint{run, host.self, outputs, folder, payload});
    const auto home = origin.next<CheckpointHome>();
    EXPECT_TRUE(home);
    return home.value_or(CheckpointHome{});
  }
  static std::vector<std::string> paths_of(const EncodedPayload& payload) {
    std::vector<std::string> paths;
    const auto decoded = decode<JobPayload>(*payload);
    EXPECT_TRUE(decoded.ok());
    if (!decoded.ok()) return paths;
    for (const auto& entry : decoded->inputs.entries) paths.push_back(entry.path);
    return paths;
  }
};

TEST_F(Checkpoint, TakesItsPlaceAmongTheInputsOfTheNextRunAndLiesThereWhenItStarts) {
  files.write("train.py", "import torch");
  files.write("ckpt/step", "0");
  const auto payload = origin.submit(job, files);
  write_in_run("work/train.py", "changed by the run");
  write_in_run("work/ckpt/step", "41");
  write_in_run("work/ckpt/deep/weights", noise(chunk_bytes_max + 5));
  write_in_run("stdout", "epoch 41\n");
  const auto collected = collect_with(payload, "ckpt");
  const auto home = bring(payload, collected.outputs, "ckpt");
  ASSERT_TRUE(home.payload);
  EXPECT_EQ(home.host, host.self);
  EXPECT_EQ(paths_of(*home.payload),
            (std::vector<std::string>{"train.py", "ckpt", "ckpt/deep", "ckpt/deep/weights", "ckpt/step"}));
  EXPECT_EQ(home.bundle_bytes, 12u + 2u + chunk_bytes_max + 5);

  const RunKey next{job, {2}};
  TestSite elsewhere(network, "kunshan");
  origin.set_host(elsewhere.self, next);
  origin.set_payload(job, *home.payload);
  elsewhere.service->perform(FetchInputs{next, origin.self, *home.payload});
  ASSERT_TRUE(elsewhere.next<InputsReady>());
  EXPECT_EQ(elsewhere.runs.read(file_name(next) + "/work/ckpt/step"), "41");
  EXPECT_EQ(elsewhere.runs.read(file_name(next) + "/work/ckpt/deep/weights"), noise(chunk_bytes_max + 5));
  EXPECT_EQ(elsewhere.runs.read(file_name(next) + "/work/train.py"), "import torch");
}

TEST_F(Checkpoint, ThatWasNeverWrittenIsNone) {
  const auto payload = origin.submit(job, files);
  write_in_run("stdout", "epoch 0\n");
  const auto collected = collect_with(payload, "ckpt");
  EXPECT_EQ(collected.problem, "") << "a run may die before it wrote any";
  EXPECT_FALSE(bring(payload, collected.outputs, "ckpt").payload);
}

TEST_F(Checkpoint, ThatLostAFileIsNone) {
  const auto payload = origin.submit(job, files);
  write_in_run("work/ckpt/step", "41");
  write_in_run("work/ckpt/weights", noise(chunk_bytes_max));
  const auto collected = collect_with(payload, "ckpt");
  const auto lost = chunk_hash(noise(chunk_bytes_max));
  network.set_fault([lost](const SiteName&, const SiteName&, BulkMessage& message) {
    if (auto* data = std::get_if<ChunkData>(&message); data && data->hash == lost)
      message = ChunkMissing{data->request, data->hash, "gone"};
    return true;
  });
  EXPECT_FALSE(bring(payload, collected.outputs, "ckpt").payload);
}

TEST_F(Checkpoint, OfALocalRunNeedsNoNetwork) {
  const auto payload = origin.submit(job, files);
  origin.runs.write(file_name(run) + "/work/ckpt/step", "7");
  origin.service->perform(CollectOutputs{run, payload, "ckpt"});
  const auto collected = origin.next<OutputsCollected>();
  ASSERT_TRUE(collected);
  origin.service->perform(BringCheckpoint{run, origin.self, collected->outputs, "ckpt", payload});
  const auto home = origin.next<CheckpointHome>();
  ASSERT_TRUE(home && home->payload);
  EXPECT_EQ(network.sent<ChunkGet>(), 0u);
}

TEST_F(Checkpoint, SurvivesARestartOfItsHostOnTheWay) {
  const auto payload = origin.submit(job, files);
  write_in_run("work/ckpt/weights", noise(6 * chunk_bytes_max));
  const auto collected = collect_with(payload, "ckpt");
  host.stop();
  origin.service->perform(BringCheckpoint{run, host.self, collected.outputs, "ckpt", payload});
  host.start();
  const auto home = origin.next<CheckpointHome>();
  ASSERT_TRUE(home && home->payload);
  EXPECT_EQ(home->bundle_bytes, 6 * chunk_bytes_max);
}

}  // namespace
}  // namespace hansa::staging
