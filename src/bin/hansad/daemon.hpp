// A running site: every adapter made from the configuration, wired to the actors, and taken down in order.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hansa/types/result.hpp"
#include "src/config/site_config.hpp"

namespace hansa {

class Daemon {
 public:
  // Running when it returns. `on_fatal` is called once, from any thread, when the site can't go on; `on_restart` when
  // it shall be taken down and started anew, because its keys have changed.
  static Result<std::unique_ptr<Daemon>> start(SiteConfig config, std::function<void(std::string)> on_fatal,
                                               std::function<void()> on_restart);
  ~Daemon();

  // SIGHUP: peers, the policy and the log level as the files have them now; all of them, or none.
  Status reload(const std::string& config_path);
  // Whether the brain answers within this long.
  bool is_alive(std::chrono::milliseconds within);

 private:
  struct Parts;
  Status take_up(const std::string& config_path);
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace hansa
