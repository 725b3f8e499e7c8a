// CommandRunner: other programs, started and awaited without ever blocking or forking the daemon.
//
// posix_spawn with pipes, watched by the event loop; a command that takes too long is ended with everything it started.
// A few run at once, the others wait in order. A command is over when its process has ended, even if something that it
// left behind (ssh's shared connection) still holds its streams.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hansa/types/time.hpp"
#include "src/backends/process/event_loop.hpp"
#include "src/backends/slurm/alarms.hpp"

namespace hansa {

struct Command {
  std::vector<std::string> words;
  std::vector<std::string> environment;
  std::string input;  // at most what a pipe holds at once, 64 KiB
  Duration time_max = std::chrono::seconds(30);
};

struct CommandResult {
  int code = -1;           // 128 + signal; -1: it could not be started
  bool timed_out = false;  // nobody knows what it has done
  std::string out;
  std::string err;

  bool ok() const { return code == 0; }
  // What went wrong, in a line.
  std::string problem() const;
};

class CommandRunner {
 public:
  using Done = std::function<void(CommandResult)>;

  CommandRunner(EventLoop& loop, Alarms& alarms) : loop_(loop), alarms_(alarms) {}
  ~CommandRunner();  // what runs is left to itself, reports to nobody

  void run(Command command, Done done);
  // Whether that token is one of ours; tokens are 16 and up.
  bool on_ready(std::uint64_t token);

 private:
  static constexpr std::size_t at_once_max = 4;
  struct Running {
    Fd process, out, err;
    int pid = 0;
    CommandResult result;
    Done done;
  };
  void start(Command command, Done done);
  void finish(std::uint64_t number);
  void end(std::uint64_t number);

  EventLoop& loop_;
  Alarms& alarms_;
  std::map<std::uint64_t, Running> running_;
  std::deque<std::pair<Command, Done>> waiting_;
  std::uint64_t last_ = 3;  // tokens of number n: 4 n + 0 (process), 1 (out), 2 (err)
};

}  // namespace hansa
