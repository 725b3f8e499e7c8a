#include "src/backends/registry.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

TEST(BackendRegistry, AnUnknownNameIsRefusedWithTheKnownOnes) {
  const auto made = make_backend("pbs", {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, ErrorKind::usage);
  for (const auto name : backend_names()) EXPECT_NE(made.error().text.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace hansa
