// What the gateway asks about policy files, whose language it does not know. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hansa/policy.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

struct ShownPolicy {
  std::string path;
  std::string text;  // of the one in force
};

struct PolicyDesk {
  // Null for rules that take in everybody.
  std::function<Result<std::shared_ptr<const Policy>>(const std::string& text)> read =
      [](const std::string&) -> Result<std::shared_ptr<const Policy>> {
    return refusal("this daemon reads no policies");
  };
  std::function<ShownPolicy()> show = [] { return ShownPolicy{}; };
};

}  // namespace hansa
