// What an operator says of the Slurm that a site submits to.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "hansa/types/time.hpp"

namespace hansa {

struct SlurmSettings {
  std::string ssh;                      // commands run there; empty: here
  std::string conf;                     // SLURM_CONF; empty: as the environment has it
  std::string bin;                      // folder of the commands; empty: PATH
  std::string runs;                     // folder of the runs, which every node must see; empty: in the state folder
  std::vector<std::string> partitions;  // "pool=partition"; a pool without one is the partition of its name
  std::string account, qos, reservation;
  std::vector<std::string> arguments;         // of every sbatch
  std::vector<std::string> origin_arguments;  // "wujiang --account=guests": of the jobs of one origin; "*": of guests
  Duration poll_min = std::chrono::seconds(1);
  Duration poll_max = std::chrono::seconds(10);
  Duration command_time = std::chrono::seconds(30);  // what takes longer is ended and asked again
  Duration pulse = std::chrono::seconds(5);
  Duration clock_skew = std::chrono::seconds(30);
  Duration give_up = std::chrono::minutes(2);  // Slurm away for so long: guests that wait go home
};

}  // namespace hansa
