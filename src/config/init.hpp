// `hansa init`: a site in one folder, ready to run.
#pragma once

#include <string>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/config/site_config.hpp"

namespace hansa {

// As on the command line; what is empty has its default.
struct InitOptions {
  std::string folder;
  std::string site;
  std::string region;
  std::string listen;       // empty: dials out only
  std::string bulk_listen;  // empty: the port after it
  std::vector<std::string> advertise;
  std::vector<std::string> bulk_advertise;
  std::string http;
  std::string backend;
  std::string run_as;
  std::vector<std::string> labels;
  std::vector<std::string> pools;  // in short form; none: one pool that is this machine
  std::vector<std::string> peers;  // in short form
};

// Writes FOLDER/hansad.toml, the keys and the API token (0600) and an empty state folder; nothing outside FOLDER.
// Refused when a site is there already; on any failure what was written is taken away again. A file that it wrote can
// be loaded, or else it fails: there is one place that says what is allowed.
Status init_site(const InitOptions& options);

}  // namespace hansa
