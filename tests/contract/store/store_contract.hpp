// The promises of ports/store.hpp, to be kept by every store: instantiate StoreContract with a way to make one.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "hansa/ports/store.hpp"

namespace hansa::test {

// One disk, and the daemons that come and go on it.
class StoreOnDisk {
 public:
  virtual ~StoreOnDisk() = default;
  virtual Result<std::unique_ptr<Store>> open(const StoreId& new_id) = 0;
  // The daemon ends as by kill -9: only what it committed is there for the next.
  virtual void crash(std::unique_ptr<Store> store) = 0;
  virtual void fill_disk() = 0;
  virtual void free_space() = 0;
};

using MakeDisk = std::function<std::unique_ptr<StoreOnDisk>()>;

struct Implementation {
  const char* name;
  MakeDisk make;
};

class StoreContract : public ::testing::TestWithParam<Implementation> {};

}  // namespace hansa::test
