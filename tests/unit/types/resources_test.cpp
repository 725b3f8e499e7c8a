#include <gtest/gtest.h>

#include "hansa/types/resources.hpp"

namespace hansa {
namespace {

Pool a100() {
  return {.name = "a100",
          .model = "nvidia-a100",
          .nodes = 4,
          .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 1 << 20},
          .tflops_per_unit = 312};
}

Pool cpu() {
  return {.name = "cpu", .nodes = 24, .per_node = {.cores = 64, .memory_mib = 256 << 10}};
}

TEST(Shape, AnAcceleratorRequestFitsOnlyPoolsThatHaveThem) {
  const ResourceRequest request{.nodes = 2, .per_node = {.accelerators = 4, .cores = 8}};
  EXPECT_EQ(shape_in(a100(), request)->units(a100()), 8u);
  EXPECT_FALSE(shape_in(cpu(), request));
}

TEST(Shape, ACpuRequestEntersAnAcceleratorPoolOnlyByName) {
  ResourceRequest request{.per_node = {.cores = 8}};
  EXPECT_TRUE(shape_in(cpu(), request));
  EXPECT_FALSE(shape_in(a100(), request));
  request.models = {"a100"};
  EXPECT_TRUE(shape_in(a100(), request));
}

TEST(Shape, ANodesShareFitsWithinOneNode) {
  EXPECT_FALSE(shape_in(a100(), {.per_node = {.accelerators = 9}}));
  EXPECT_FALSE(shape_in(a100(), {.nodes = 5, .per_node = {.accelerators = 1}}));
  EXPECT_FALSE(shape_in(cpu(), {.per_node = {.cores = 65}}));
}

TEST(Shape, ComputeAsSuchIsCountedFromThePoolsSpeed) {
  const auto shape = shape_in(a100(), {.per_node = {.cores = 1}, .pflops = 2});  // 2000 / 312 = 6.4
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->nodes, 1u);
  EXPECT_EQ(shape->per_node.accelerators, 7u);
  const auto gang = shape_in(a100(), {.per_node = {.cores = 1}, .pflops = 5});  // 17 over three nodes
  EXPECT_EQ(gang->nodes, 3u);
  EXPECT_EQ(gang->per_node.accelerators, 6u);
  EXPECT_FALSE(shape_in(a100(), {.per_node = {.cores = 1}, .pflops = 10.1}));
}

TEST(Shape, AnExclusiveJobTakesWholeNodes) {
  const auto shape = shape_in(a100(), {.nodes = 2, .per_node = {.accelerators = 1, .cores = 1}, .exclusive = true});
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->per_node, a100().per_node);
  EXPECT_EQ(shape->units(a100()), 16u);
  EXPECT_FALSE(shape_in(cpu(), {.per_node = {.cores = 65}, .exclusive = true}));
}

TEST(Shape, ACpuRequestEntersAnAcceleratorPoolThatItPrefersByName) {
  ResourceRequest request{.per_node = {.cores = 8}, .pools = {"a100"}};
  EXPECT_TRUE(shape_in(a100(), request));
  EXPECT_TRUE(shape_in(cpu(), request)) << "a preference rules nothing out";
  EXPECT_LT(preference_of(a100(), request), preference_of(cpu(), request));
}

TEST(Model, IsMeantByItsShortNameItsFullNameOrThePools) {
  EXPECT_TRUE(names_model("a100", a100()));
  EXPECT_TRUE(names_model("nvidia-a100", a100()));
  EXPECT_FALSE(names_model("h800", a100()));
  EXPECT_EQ(preference_of(a100(), {.models = {"h800", "a100"}}), 1u);
}

TEST(Labels, CompareVersionsAsNumbers) {
  const std::vector<std::string> site{"apptainer", "cuda=12.10"};
  EXPECT_TRUE(labels_meet(site, {}));
  EXPECT_TRUE(labels_meet(site, {"apptainer", "cuda>=12.9"}));
  EXPECT_TRUE(labels_meet(site, {"cuda"}));
  EXPECT_FALSE(labels_meet(site, {"cuda>=13"}));
  EXPECT_FALSE(labels_meet(site, {"cuda<12"}));
  EXPECT_FALSE(labels_meet(site, {"rocm"}));
  EXPECT_FALSE(labels_meet(site, {"apptainer>=1"}));
}

TEST(PoolText, IsParsedWhole) {
  const auto pool =
      parse_pool("name=a100,model=nvidia-a100,nodes=48,accelerators=8,cpus=128,memory_gb=1024,tflops=312,price=6.8");
  ASSERT_TRUE(pool.ok());
  EXPECT_EQ(pool->units(), 384u);
  EXPECT_EQ(pool->per_node.memory_mib, 1024u * 1024u);
  EXPECT_DOUBLE_EQ(pool->price_per_unit_hour, 6.8);
}

TEST(PoolText, NamesWhatIsWrong) {
  EXPECT_NE(parse_pool("name=a,gpus=8").error().text.find("'gpus'"), std::string::npos);
  EXPECT_NE(parse_pool("name=a,nodes=x,cpus=1").error().text.find("nodes"), std::string::npos);
  EXPECT_NE(parse_pool("name=a,nodes=1,cpus=1,accelerators=8").error().text.find("model"), std::string::npos);
}

TEST(Request, IsDescribedForPeople) {
  EXPECT_EQ(describe({.nodes = 2,
                      .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 512 << 10},
                      .models = {"a100", "h800"}}),
            "8 accelerators of a100 or h800, 64 cores, 512 GiB on each of 2 nodes");
  EXPECT_EQ(describe({.per_node = {.cores = 1}, .exclusive = true}), "1 core, exclusively");
}

}  // namespace
}  // namespace hansa
