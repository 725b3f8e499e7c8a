#include "src/backends/process/shim/job_launch.hpp"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/backends/process/private_view.hpp"
#include "src/backends/process/shim/run_cgroups.hpp"
#include "src/clock/time_slice.hpp"

namespace hansa {
namespace {

std::string problem(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

// nftw() takes no context.
uid_t new_owner;
gid_t new_group;

// A file with another name elsewhere is not the run's alone, and stays whose it is.
int give_away(const char* path, const struct stat* facts, int, FTW*) {
  if (S_ISREG(facts->st_mode) && facts->st_nlink > 1) return 0;
  return ::lchown(path, new_owner, new_group);
}

// Folders last, so that nobody can exchange what lies in them on the way.
bool give_away_tree(const std::string& folder, const RunSpec& spec) {
  new_owner = spec.uid;
  new_group = spec.gid;
  return ::nftw(folder.c_str(), give_away, 16, FTW_PHYS | FTW_DEPTH) == 0;
}

Fd open_output(int control_folder, const char* name, const RunSpec& spec) {
  Fd file(::openat(control_folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.valid() && spec.switch_user && ::fchown(file.get(), spec.uid, spec.gid) != 0) return {};
  return file;
}

// What the child needs, made before vfork: between vfork and exec nothing may be allocated.
struct Child {
  const RunSpec& spec;
  const JobFiles& files;
  const PrivateView& view;
  std::vector<std::string> cgroup_files;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  pid_t wrapper;
  volatile int exec_error = 0;
  volatile int setup_error = 0;
  const char* volatile setup_step = "";
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// Raw calls: glibc's wrappers would look for other threads.
bool become_user(const RunSpec& spec) {
  if (::syscall(SYS_setgroups, spec.groups.size(), spec.groups.data()) != 0) return false;
  if (::syscall(SYS_setresgid, spec.gid, spec.gid, spec.gid) != 0) return false;
  if (::syscall(SYS_setresuid, spec.uid, spec.uid, spec.uid) != 0) return false;
  // No set-uid program gives a job more than its user has, or frees it from dying with its wrapper.
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool connect_streams(const JobFiles& files) {
  const int error = files.error.valid() ? files.error.get() : files.output.get();
  return ::dup2(files.null_input.get(), 0) == 0 && ::dup2(files.output.get(), 1) == 1 && ::dup2(error, 2) == 2;
}

void reset_signals() {
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Where the kernel makes a group of each session (autogroup), niceness counts within a session only, and it is the
// session's own that counts beside the daemon.
void stand_back(int nice) {
  ask_for_slice(usual_slice_ns);
  if (::getpriority(PRIO_PROCESS, 0) < nice) ::setpriority(PRIO_PROCESS, 0, nice);
  const int group = ::open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (group < 0) return;
  const char digits[] = {static_cast<char>('0' + nice / 10), static_cast<char>('0' + nice % 10)};
  [[maybe_unused]] const auto written = ::write(group, digits, sizeof digits);  // a wish: refused, it changes nothing
  ::close(group);
}

const char* set_up(const Child& child) {
  if (::setpgid(0, 0) != 0) return "making its process group";
  if (!enter_cgroups(child.cgroup_files)) return "entering its cgroup";
  stand_back(child.spec.nice);
  if (!connect_streams(child.files)) return "connecting its output files";
  if (!child.view.empty()) {
    if (const char* step = child.view.enter()) return step;
  }
  if (::chdir(child.spec.start_folder.c_str()) != 0) return "entering the folder where it starts";
  if (child.spec.switch_user && !become_user(child.spec)) return "taking its user's identity";
  if (::geteuid() == 0) return "giving up root";
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != child.wrapper) return "binding it to its wrapper";
  ::umask(022);
  return nullptr;
}

[[noreturn]] void run_child(Child& child) {
  if (const char* step = set_up(child)) {
    child.setup_error = errno != 0 ? errno : EPERM;
    child.setup_step = step;
    ::_exit(126);
  }
  reset_signals();
  ::environ = child.environment.data();  // also where execvp finds the job's own PATH
  ::execvp(child.spec.script.empty() ? child.arguments[0] : child.spec.script.c_str(), child.arguments.data());
  child.exec_error = errno;
  ::_exit(127);
}

// Not inlined: the child runs on this frame's copy of nothing but `child`.
[[gnu::noinline]] pid_t spawn(Child& child) {
  errno = 0;
  const pid_t pid = ::vfork();
  if (pid == 0) run_child(child);
  return pid;
}

}  // namespace

std::string prepare_folder(int control_folder, const RunSpec& spec, JobFiles& files) {
  if (::mkdir(spec.tmp_folder.c_str(), 0700) != 0 && errno != EEXIST)
    return problem("the run's folder for temporary files could not be made");
  if (spec.switch_user) {
    if (!give_away_tree(spec.work_folder, spec) || !give_away_tree(spec.tmp_folder, spec))
      return problem("the run's folder could not be given to the job's user");
    if (!spec.script.empty() && ::fchownat(control_folder, "script", spec.uid, spec.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return problem("the script could not be given to the job's user");
  }
  files.null_input = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  files.output = open_output(control_folder, "stdout", spec);
  if (!spec.join_stderr) files.error = open_output(control_folder, "stderr", spec);
  if (!files.null_input.valid() || !files.output.valid() || files.error.valid() == spec.join_stderr)
    return problem("the job's output files could not be opened");
  return {};
}

static ViewChoice view_of(const RunSpec& spec) {
  ViewChoice choice{.hidden = spec.hidden, .kept = {spec.work_folder, spec.tmp_folder}};
  if (!spec.script.empty())
    choice.kept.push_back(spec.script.front() == '/' ? spec.script : spec.start_folder + "/" + spec.script);
  choice.kept.insert(choice.kept.end(), spec.shown.begin(), spec.shown.end());
  return choice;
}

Launch launch_job(const RunSpec& spec, const JobFiles& files) {
  std::vector<std::string> arguments = spec.arguments;
  if (!spec.script.empty()) arguments.insert(arguments.begin(), spec.script);
  if (arguments.empty()) return {.failed = "there is neither a script nor a command to run"};
  const PrivateView view(view_of(spec));
  Child child{.spec = spec,
              .files = files,
              .view = view,
              .cgroup_files = process_files(spec.cgroups),
              .arguments = pointers(arguments),
              .environment = pointers(spec.environment),
              .wrapper = ::getpid()};
  char** const own_environment = ::environ;
  const pid_t pid = spawn(child);
  const int spawn_error = errno;
  ::environ = own_environment;
  if (pid < 0) return {.failed = std::string("no process could be made for the job: ") + std::strerror(spawn_error)};
  if (child.setup_error == 0 && child.exec_error == 0) return {.pid = pid};
  ::waitpid(pid, nullptr, 0);
  if (child.setup_error == 0) return {.exec_error = child.exec_error};
  return {.failed = std::string(child.setup_step) + " failed: " + std::strerror(child.setup_error)};
}

}  // namespace hansa
