// What single keys can't say: that they fit together.
#pragma once

#include <string>

#include "hansa/types/result.hpp"
#include "src/config/site_config.hpp"

namespace hansa {

// Which of the keys that follow from others were left out.
struct LeftOut {
  bool bulk_listen = true;
  bool advertise = true;
  bool bulk_advertise = true;
};

// Fills in what follows from other keys, and checks the whole. An error names the key first.
Status complete_and_check(SiteConfig& config, const LeftOut& left_out);

}  // namespace hansa
