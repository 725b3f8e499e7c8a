// What a site's configuration says of its backend.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "hansa/types/resources.hpp"
#include "src/backends/slurm/slurm_settings.hpp"

namespace hansa {

struct BackendSettings {
  std::string state_folder;                     // runs live below it; made when missing
  SiteName site;                                // what jobs see as HANSA_SITE
  std::vector<Pool> pools;                      // which accelerators a pool's nodes have
  std::map<std::string, std::string> datasets;  // what data lies here: name, path
  BackendHandler* handler = nullptr;  // outlives the backend; must only forward: it is called in the backend's thread

  std::string shim_path;  // empty: hansa-shim beside the running program
  std::string run_as;     // user of the jobs; empty: nobody when started as root, else whoever started it
  int nice = 10;          // of the jobs, 0–19; higher gives the daemon more room
  Duration grace = std::chrono::seconds(10);  // from TERM to KILL; longer delays cancelling and eats into leases
  bool limits = true;                         // cgroups, where the machine lets us
  std::uint32_t processes_max = 0;            // of one run, threads too; 0: no limit. Costs each start about 0.2 ms
  bool private_view = true;         // keep what is hidden from jobs, and other jobs' folders, where the machine lets us
  std::vector<std::string> hidden;  // beside the state folder: the site's own, with its keys
  bool cpu_quota = false;           // hold a run to its cores even when others idle
  SlurmSettings slurm;
};

}  // namespace hansa
