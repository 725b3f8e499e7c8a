// The verbs of `hansa`: one table of name, options, examples and function. To add a verb: its function in a verb_*.cpp,
// one entry in verbs.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/client/args.hpp"
#include "src/client/daemon.hpp"

namespace hansa::client {

struct Context {
  Daemon& daemon;
  bool coloured = false;         // standard output is a terminal that wants it
  std::vector<std::string> all;  // the verb's arguments as they came
};

// The exit code of the command, or what to say on standard error.
using Outcome = Result<int>;

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view usage;     // behind "hansa NAME "
  std::string_view examples;  // lines
  std::span<const Option> options;
  Outcome (*run)(Context& context, const Args& args);
  Words words = Words::anywhere;
  std::string_view further = {};  // more help
  bool is_alias = false;          // one of Slurm's commands, hansa-NAME
};

// Runs the command; writes what there is to say and returns the exit code. `program` is the name it was started by.
int run_command(std::string_view program, const std::vector<std::string>& arguments);

std::span<const Verb> verbs();
std::string help_of(const Verb& verb);
std::string help_of_all();

Outcome run_submit(Context&, const Args&);
Outcome run_queue(Context&, const Args&);
Outcome run_history(Context&, const Args&);
Outcome run_job(Context&, const Args&);
Outcome run_why(Context&, const Args&);
Outcome run_wait(Context&, const Args&);
Outcome run_cancel(Context&, const Args&);
Outcome run_hold(Context&, const Args&);
Outcome run_release(Context&, const Args&);
Outcome run_rerun(Context&, const Args&);
Outcome run_logs(Context&, const Args&);
Outcome run_fetch(Context&, const Args&);
Outcome run_sites(Context&, const Args&);
Outcome run_capacity(Context&, const Args&);
Outcome run_site(Context&, const Args&);
Outcome run_drain(Context&, const Args&);
Outcome run_resume(Context&, const Args&);
Outcome run_trust(Context&, const Args&);
Outcome run_federation(Context&, const Args&);
Outcome run_invite(Context&, const Args&);
Outcome run_join(Context&, const Args&);
Outcome run_leave(Context&, const Args&);
Outcome run_ban(Context&, const Args&);
Outcome run_evict(Context&, const Args&);
Outcome run_key(Context&, const Args&);
Outcome run_site_check(Context&, const Args&);
Outcome run_version(Context&, const Args&);
Outcome run_audit(Context&, const Args&);
Outcome run_token(Context&, const Args&);
Outcome run_policy(Context&, const Args&);
Outcome run_init(Context&, const Args&);

// Follows a job to its end, outputs home, and gives its exit code: never 0 for a job that did not complete.
Result<int> wait_for(Daemon& daemon, const std::string& job);

void print(std::string_view text);     // to standard output
void complain(std::string_view text);  // "hansa: …", or an alias's name, to standard error

}  // namespace hansa::client
