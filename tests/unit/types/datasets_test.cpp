#include "hansa/types/datasets.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

TEST(Datasets, OnlyARequiredOneRulesASiteOut) {
  const PlacementWishes wishes{.datasets = {{"coco", false}, {"imagenet", true}}};
  EXPECT_EQ(missing_dataset({"imagenet"}, wishes), "");
  EXPECT_EQ(missing_dataset({"coco"}, wishes), "imagenet");
  EXPECT_EQ(missing_dataset({}, {}), "");
}

TEST(Datasets, EachThatIsNotThereMakesASiteLessPreferred) {
  const PlacementWishes wishes{.datasets = {{"coco", false}, {"imagenet", false}}};
  EXPECT_EQ(dataset_steps({"coco", "imagenet", "more"}, wishes), 0u);
  EXPECT_EQ(dataset_steps({"coco"}, wishes), steps_per_dataset);
  EXPECT_EQ(dataset_steps({}, wishes), 2 * steps_per_dataset);
}

TEST(Datasets, NamesBecomeVariables) {
  EXPECT_EQ(dataset_variable("imagenet"), "HANSA_DATASET_IMAGENET");
  EXPECT_EQ(dataset_variable("laion-5b.v2"), "HANSA_DATASET_LAION_5B_V2");
  EXPECT_TRUE(is_dataset_name("laion-5b.v2"));
  for (const auto* name : {"", "ImageNet", "a b", "a/b"}) EXPECT_FALSE(is_dataset_name(name)) << name;
}

}  // namespace
}  // namespace hansa
