#include "src/client/verbs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "src/client/aliases.hpp"
#include "src/client/formats.hpp"
#include "src/client/init_options.hpp"
#include "src/client/problem.hpp"
#include "src/client/submit_form.hpp"
#include "src/client/table.hpp"

namespace hansa::client {
namespace {

constexpr Option json_option{"json", 0, "", "print the daemon's answer in JSON, whose fields docs/users.md lists"};
constexpr Option help_option{"help", 0, "", "this text"};
constexpr Option noheader_option{"noheader", 'h', "", "leave the header out"};

const Option plain_options[] = {help_option};
const Option json_options[] = {json_option, help_option};
const Option table_options[] = {json_option, noheader_option, help_option};
const Option list_options[] = {
    {"user", 'u', "USER", "only this user's"},
    {"me", 0, "", "only mine"},
    {"name", 'n', "NAME", "only jobs of this name"},
    {"state", 't', "STATE[,STATE…]", "only jobs in these states: PENDING,RUNNING"},
    {"limit", 0, "N", "only the first so many"},
    json_option,
    noheader_option,
    help_option,
};
const Option history_options[] = {
    {"user", 'u', "USER", "only this user's"},
    {"me", 0, "", "only mine"},
    {"name", 'n', "NAME", "only jobs of this name"},
    {"state", 't', "STATE[,STATE…]",
     "only jobs that ended so: COMPLETED,FAILED,CANCELLED,TIMEOUT,OUT_OF_MEMORY,NODE_FAIL,PREEMPTED"},
    {"limit", 0, "N", "only the last so many"},
    json_option,
    noheader_option,
    help_option,
};
const Option cancel_options[] = {
    {"user", 'u', "USER", "all jobs of this user"},
    {"name", 'n', "NAME", "all jobs of this name"},
    {"state", 't', "STATE[,STATE…]", "all jobs in these states"},
    help_option,
};
const Option site_options[] = {
    {"short", 0, "", "check without a bid and a job: only the way there"},
    {"even-if-alive", 0, "", "forget it though it is alive: what runs there may run twice"},
    json_option,
    help_option,
};
const Option logs_options[] = {
    {"follow", 'f', "", "go on until the job has ended"},
    {"stderr", 'e', "", "standard error instead of standard output"},
    help_option,
};

const Option sites_options[] = {
    {"trust", 0, "", "who vouched for whom, keys, and until when"}, json_option, noheader_option, help_option};
const Option invite_options[] = {
    {"site", 0, "NAME", "only a site of this name may use it"},
    {"region", 0, "PATH", "only a site in this region: cn/east"},
    {"sponsor", 0, "", "the newcomer may admit others itself, within that region"},
    {"expires", 0, "TIME", "how long the line is good for; a day unless it is said"},
    {"withdraw", 0, "INVITATION", "take one back; hansa sites --trust names them"},
    {"quiet", 'q', "", "the line alone"},
    help_option,
};
const Option leave_options[] = {{"now", 0, "", "do not wait for what still runs here or elsewhere"}, help_option};
const Option ban_options[] = {{"lift", 0, "", "let it in again"}, help_option};
const Option evict_options[] = {
    {"subtree", 0, "", "and all that came in through it"},
    {"withdraw", 0, "", "no vote: take back that this site admitted it"},
    {"reason", 0, "TEXT", "what the others are told"},
    help_option,
};

const Option policy_options[] = {
    {"from", 0, "SITE", "test: a guest of this site; without it, where may a job of this site's user go?"},
    {"from-region", 0, "PATH", "test: where that site is, if this one does not know it"},
    {"user", 'u', "USER", "test: whose job it is"},
    {"gpus", 'G', "N", "test: accelerators of the whole job"},
    {"gpu", 0, "MODEL[,MODEL…]", "test: acceptable models"},
    {"nodes", 'N', "N", "test: nodes"},
    {"cpus", 'c', "N", "test: cores"},
    {"mem", 0, "SIZE", "test: memory of each node"},
    {"time", 't', "TIME", "test: time limit"},
    {"name", 'J', "NAME", "test: the job's name"},
    {"at", 0, "MOMENT", "test: as if it were then, in UTC: 2026-11-23T22:00"},
    {"policy", 0, "FILE", "test: this draft instead of the policy in force"},
    json_option,
    help_option,
};

const Option token_options[] = {
    {"user", 'u', "NAME", "create: whose it is"},
    {"role", 0, "ROLE", "create: reader, user (default) or operator"},
    {"expires", 0, "TIME", "create: for how long it is good: 12h, 30d (default), a year at most"},
    json_option,
    noheader_option,
    help_option,
};

const Option audit_options[] = {
    {"site", 0, "NAME", "whose book it is"},
    {"key", 0, "KEY", "that site's identity key, when only the book is at hand"},
    help_option,
};

constexpr std::string_view submit_further =
    "A script is read for #SBATCH lines, which mean what they mean to sbatch (docs/sbatch.md has the list; what only "
    "a\n"
    "Slurm host can heed is named in a warning), then SBATCH_ variables count, then #HANSA lines, which take the "
    "options\n"
    "above. The command line wins over all.\n"
    "--output GLOB names files to bring back; in #SBATCH lines --output FILE names the stdout file, as in Slurm.\n";

const Verb all_verbs[] = {
    {"submit",
     "submit a job",
     "[options] SCRIPT [arguments]\n       hansa submit [options] -- COMMAND [arguments]",
     "  hansa submit train.sh\n"
     "  hansa submit --gpus 8 --gpu a100,h800,ascend910b --time 2h -- python train.py\n"
     "  hansa submit --array 1-100%10 --input data --output 'out/*.png' render.sh\n"
     "  hansa submit --dependency afterok:wujiang-1042 --wrap 'tar cf all.tar out'\n"
     "  hansa submit --test-only --pflops 2 train.sh\n",
     {},
     run_submit,
     Words::end_options,
     submit_further},
    {"queue", "jobs that wait or run", "[options]", "  hansa queue --me\n  hansa queue --state PENDING --noheader\n",
     list_options, run_queue},
    {"history", "jobs that have ended, the latest below", "[options]",
     "  hansa history --me --limit 20\n  hansa history --user ann --state FAILED,TIMEOUT --json\n", history_options,
     run_history},
    {"job", "everything about one job", "ID", "  hansa job wujiang-1042\n", json_options, run_job},
    {"why", "why a job runs where it does, or waits: bids, reasons, choice", "ID", "  hansa why wujiang-1042\n",
     json_options, run_why},
    {"logs", "what a job prints, wherever it runs", "ID [-f]", "  hansa logs -f wujiang-1042\n", logs_options,
     run_logs},
    {"wait", "wait until jobs have ended; exits with their exit code", "ID…",
     "  hansa wait wujiang-1042 wujiang-1043 && echo both are done\n", plain_options, run_wait},
    {"cancel", "end jobs, or take them out of the queue", "ID… | --user USER | --name NAME | --state STATE",
     "  hansa cancel wujiang-1042\n  hansa cancel --name train --state PENDING\n", cancel_options, run_cancel},
    {"fetch", "write a job's output files to a folder", "ID [DIR]",
     "  hansa fetch wujiang-1042 results\n  hansa fetch wujiang-1043_7 task7\n", plain_options, run_fetch,
     Words::anywhere,
     "DIR is the job's id unless another is named. The id of an array fetches each ended task into DIR/TASK, says "
     "which\n"
     "tasks it could not fetch and why, and then exits with 1.\n"},
    {"hold", "keep waiting jobs from being placed", "ID…", "  hansa hold wujiang-1042\n", plain_options, run_hold},
    {"release", "let held jobs be placed", "ID…", "  hansa release wujiang-1042\n", plain_options, run_release},
    {"rerun", "give up a job's run and place it again; or run again what has ended", "ID…",
     "  hansa rerun wujiang-1042\n", plain_options, run_rerun, Words::anywhere,
     "The old run is stopped as soon as its host hears of it: while the host is silent, both may be alive.\n"
     "A job that has ended stays as it ended; a new one with the same request is submitted, and its id printed.\n"},
    {"sites", "the sites of the federation, as seen from here", "[options]", "  hansa sites\n  hansa sites --trust\n",
     sites_options, run_sites},
    {"capacity", "what the sites have and what is free", "[options]", "  hansa capacity --json\n", table_options,
     run_capacity},
    {"version", "this command's version and the daemon's", "", "  hansa version\n", json_options, run_version},
    {"init", "make a site in a folder, ready to run (operators)", "DIR --site NAME [options]",
     "  hansa init /srv/taihu --site taihu --region cn/east/suzhou --listen tcp://127.0.0.1:7700 \\\n"
     "    --pool name=a100,model=nvidia-a100,nodes=4,accelerators=8,cpus=128,memory_gb=1024,tflops=312,price=6.8\n",
     init_options, run_init},
    {"policy", "check, try out or show the rules for guests (operators)", "check FILE | test [options] | show",
     "  hansa policy check policy.toml\n"
     "  hansa policy test --from wujiang --user ana --gpus 8 --time 2h\n"
     "  hansa policy test --user ana --policy draft.toml\n",
     policy_options, run_policy, Words::anywhere,
     "A changed file is in force after kill -HUP; one with a mistake leaves the policy as it was.\n"},
    {"token", "make, list or revoke tokens for the API over TCP (operators)",
     "create --user NAME [options] | list | revoke ID",
     "  hansa token create --user ana --expires 30d\n  hansa token create --user screen --role reader\n"
     "  hansa token revoke 3f2a90b1\n",
     token_options, run_token, Words::anywhere,
     "A token is shown once; the site keeps its hash. Readers only look; users submit and act on their own jobs.\n"},
    {"audit", "check that the book of decisions is as it was written (operators)", "verify [DIR] [--key KEY]",
     "  hansa audit verify /srv/taihu\n  hansa audit verify copied-book --site taihu --key 1f9c…\n", audit_options,
     run_audit, Words::anywhere,
     "DIR is a site's folder (default: that of $HANSA_SOCKET), or with --site and --key the folder of the book alone.\n"
     "Names the first line that does not hold, and exits with 1.\n"},
    {"drain", "take no guests and no new work here (operators)", "", "  hansa drain\n", plain_options, run_drain},
    {"site", "where the way to another site fails; what becomes of jobs when a site is lost (operators)",
     "check SITE [--short]\n       hansa site forget SITE [--even-if-alive]\n       hansa site adopt SITE\n       "
     "hansa "
     "site entrust SITE CUSTODIAN",
     "  hansa site check taihu\n  hansa site forget taihu\n  hansa site adopt wujiang\n  hansa site entrust wujiang "
     "suzhou\n",
     site_options, run_site, Words::anywhere,
     "check: one line that says where it fails: name, route, key, protocol version, certificate, clock, bid, job, "
     "file.\n"
     "forget: SITE is dead. Jobs of this site that SITE has are placed again at once, or end if they were cancelled;\n"
     "those that may be alive there are counted. SITE's own jobs here run to their end; their records then go by "
     "time.\n"
     "If SITE comes back, it is told to stop what was given up, and what had started is reported to both operators.\n"
     "Refused while SITE is alive.\n"
     "adopt: this site becomes the custodian of SITE, which is lost: it gathers what others have of its jobs, and "
     "their\n"
     "results. hansa job, fetch and logs then show them here, and hansa rerun makes a new job of one; it places none.\n"
     "entrust: what is here of SITE's jobs may go to CUSTODIAN, as long as SITE is absent.\n"},
    {"resume", "end a drain (operators)", "", "  hansa resume\n", plain_options, run_resume},
    {"federation", "found a federation (operators)", "create NAME", "  hansa federation create east-china\n",
     plain_options, run_federation},
    {"invite", "make the line with which one site may join (operators)", "[options]",
     "  hansa invite --site changshu --region cn/east/suzhou --expires 24h\n  hansa invite --region cn/west "
     "--sponsor\n",
     invite_options, run_invite},
    {"join", "join a federation by an invitation (operators)", "LINE", "  hansa join hansa-join-1.…\n", plain_options,
     run_join},
    {"leave", "leave the federation (operators)", "[--now]", "  hansa leave\n", leave_options, run_leave},
    {"ban", "keep a site out, here and at once (operators)", "SITE [--lift]", "  hansa ban taihu\n", ban_options,
     run_ban},
    {"evict", "vote that a site be put out everywhere (operators)", "SITE [options]",
     "  hansa evict taihu --reason 'bids and never runs'\n", evict_options, run_evict},
    {"key", "new keys for this site's connections (operators)", "rotate", "  hansa key rotate\n", plain_options,
     run_key},
};

std::span<const Option> options_of(const Verb& verb) {
  return verb.name == "submit" ? submit_options() : verb.options;
}

const char* environment(const char* name) {
  const auto* value = std::getenv(name);
  return value ? value : "";
}

bool wants_colour() {
  return isatty(STDOUT_FILENO) != 0 && *environment("NO_COLOR") == '\0' &&
         std::string_view(environment("TERM")) != "dumb";
}

// What complain() begins with.
std::string speaker = "hansa";

std::string command_of(const Verb& verb) {
  return (verb.is_alias ? "hansa-" : "hansa ") + std::string(verb.name);
}

int fail(const Error& error, const Verb* verb = nullptr) {
  complain(error.text + (error.kind == ErrorKind::usage && verb ? "; see " + command_of(*verb) + " --help" : ""));
  return verb && verb->is_alias ? exit_refused : exit_code_of(error.kind);
}

Result<Args> args_of(const Verb& verb, const std::vector<std::string>& arguments) {
  if (verb.words != Words::raw) return parse_args(options_of(verb), arguments, verb.words);
  Args args{.given = {}, .words = arguments};
  const bool asks_help = !arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h");
  if (asks_help) args.given.emplace_back("help", "");
  return args;
}

int run_verb(const Verb& verb, std::vector<std::string> arguments) {
  const auto args = args_of(verb, arguments);
  if (!args) return fail(args.error(), &verb);
  if (args->has("help")) {
    print(help_of(verb));
    return 0;
  }
  auto address = find_daemon(environment("HANSA_SOCKET"), environment("HANSA_URL"), environment("HANSA_TOKEN"));
  if (!address) return fail(address.error());
  Daemon daemon(std::move(*address));
  Context context{.daemon = daemon, .coloured = wants_colour(), .all = std::move(arguments)};
  const auto outcome = verb.run(context, *args);
  if (std::fflush(stdout) != 0) return fail(internal_error("the answer could not be written to standard output"));
  return outcome ? *outcome : fail(outcome.error(), &verb);
}

const Verb* find_verb(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(all_verbs), std::end(all_verbs), [&](const auto& verb) { return verb.name == name; });
  return found == std::end(all_verbs) ? nullptr : found;
}

constexpr std::size_t help_column = 30;
constexpr std::size_t help_width = 100;

// What is said of an option, in lines that end before the screen does.
std::string wrapped(std::string_view help) {
  std::string text;
  std::size_t at = help_column;
  for (const auto& word : split(help, ' ')) {
    const auto width = shown_width(word);
    if (at > help_column && at + 1 + width > help_width) {
      text += "\n" + std::string(help_column, ' ');
      at = help_column;
    }
    if (at > help_column) text += ' ';
    text += word;
    at += width + (at > help_column ? 1 : 0);
  }
  return text;
}

}  // namespace

std::span<const Verb> verbs() {
  return all_verbs;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void complain(std::string_view text) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %.*s\n", speaker.c_str(), static_cast<int>(text.size()), text.data());
}

std::string help_of(const Verb& verb) {
  const auto command = command_of(verb);
  std::string text = command + ": " + std::string(verb.summary) + "\n\nusage: " + command +
                     (verb.usage.empty() ? "" : " ") + std::string(verb.usage) + "\n" +
                     (options_of(verb).empty() ? "" : "\noptions:\n");
  for (const auto& option : options_of(verb)) {
    std::string left = option.letter ? "  -" + std::string(1, option.letter) + ", " : "      ";
    left += "--" + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
    const auto width = shown_width(left);
    text += left + (width < help_column ? std::string(help_column - width, ' ') : "\n" + std::string(help_column, ' '));
    text += wrapped(option.help) + "\n";
  }
  if (!verb.further.empty()) text += "\n" + std::string(verb.further);
  return text + "\nexamples:\n" + std::string(verb.examples);
}

std::string help_of_all() {
  std::string text = "hansa: submit jobs to a federation of sites and follow them\n\nusage: hansa VERB [options] …\n\n";
  for (const auto& verb : all_verbs) {
    text += "  " + std::string(verb.name) + std::string(12 - verb.name.size(), ' ') + std::string(verb.summary) + "\n";
  }
  return text +
         "\nhansa VERB --help shows its options and an example. Jobs are named as in wujiang-1042; a number alone is "
         "a\n"
         "job of this site. The daemon is found at $HANSA_SOCKET, else at $HANSA_URL with $HANSA_TOKEN, else at\n" +
         std::string(system_socket) + ".\nexample: hansa submit train.sh && hansa queue --me\n";
}

int run_command(std::string_view program, const std::vector<std::string>& arguments) {
  if (const auto* alias = find_alias(program)) {
    speaker = command_of(*alias);
    const bool asks_version = arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "-V");
    return asks_version ? (print(speaker + " " HANSA_VERSION "\n"), 0) : run_verb(*alias, arguments);
  }
  const auto first = arguments.empty() ? std::string("--help") : arguments.front();
  if (first == "--help" || first == "help") {
    const auto* about = arguments.size() > 1 ? find_verb(arguments[1]) : nullptr;
    print(about ? help_of(*about) : help_of_all());
    return arguments.empty() ? exit_usage : 0;
  }
  const auto* verb = find_verb(first == "--version" ? "version" : first);
  if (!verb) return fail(usage_error("there is no verb '" + first + "'; hansa --help lists them"));
  return run_verb(*verb, {arguments.begin() + 1, arguments.end()});
}

}  // namespace hansa::client
