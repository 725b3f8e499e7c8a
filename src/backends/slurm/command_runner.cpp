#include "src/backends/slurm/command_runner.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "src/backends/process/process_handle.hpp"

namespace hansa {
namespace {

struct Pipe {
  Fd read, write;
};
bool make_pipe(Pipe& pipe) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe.read = Fd(ends[0]);
  pipe.write = Fd(ends[1]);
  return true;
}

std::vector<char*> c_strings(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// In a session of its own, with no signal blocked or ignored, and nothing of ours open but its three streams.
int spawn(pid_t& pid, const Command& command, const Pipe& in, const Pipe& out, const Pipe& err) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_init(&files);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawn_file_actions_adddup2(&files, in.read.get(), 0);
  ::posix_spawn_file_actions_adddup2(&files, out.write.get(), 1);
  ::posix_spawn_file_actions_adddup2(&files, err.write.get(), 2);
  ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
  const auto words = c_strings(command.words), environment = c_strings(command.environment);
  const int error = ::posix_spawnp(&pid, words[0], &files, &attributes, words.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

// Takes what is there; false at the end of the stream.
bool take(const Fd& stream, std::string& text) {
  std::array<char, 65536> piece;
  while (true) {
    const auto count = ::read(stream.get(), piece.data(), piece.size());
    if (count > 0) {
      text.append(piece.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return count < 0 && errno == EAGAIN;
    }
  }
}

}  // namespace

std::string CommandResult::problem() const {
  if (timed_out) return "no answer in time";
  auto text = err.empty() ? out : err;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (auto& c : text)
    if (c == '\n') c = ';';
  if (text.size() > 400) text.resize(400);
  return text.empty() ? "exit code " + std::to_string(code) : text;
}

CommandRunner::~CommandRunner() = default;

void CommandRunner::run(Command command, Done done) {
  if (running_.size() >= at_once_max) return waiting_.emplace_back(std::move(command), std::move(done)), void();
  start(std::move(command), std::move(done));
}

void CommandRunner::start(Command command, Done done) {
  Pipe in, out, err;
  Running running;
  int error = EMFILE;
  if (make_pipe(in) && make_pipe(out) && make_pipe(err)) error = spawn(running.pid, command, in, out, err);
  if (error == 0) running.process = open_process(running.pid);
  if (error != 0 || !running.process.valid()) {
    if (error == 0) ::kill(running.pid, SIGKILL);
    // Not in this call: whoever asked does not expect its answer yet.
    alarms_.after(Duration{0}, [done = std::move(done), word = command.words[0], error] {
      done({.err = word + " can't be started: " + std::strerror(error)});
    });
    return;
  }
  if (!command.input.empty() && ::write(in.write.get(), command.input.data(), command.input.size()) < 0) {
    // It ended without reading: its exit code says why.
  }
  const auto number = ++last_;
  running.out = std::move(out.read);
  running.err = std::move(err.read);
  for (const auto* stream : {&running.out, &running.err}) ::fcntl(stream->get(), F_SETFL, O_NONBLOCK);
  running.done = std::move(done);
  loop_.watch(running.process, number * 4);
  loop_.watch(running.out, number * 4 + 1);
  loop_.watch(running.err, number * 4 + 2);
  running_.emplace(number, std::move(running));
  alarms_.after(command.time_max, [this, number] { end(number); });
}

void CommandRunner::end(std::uint64_t number) {
  const auto found = running_.find(number);
  if (found == running_.end()) return;
  found->second.result.timed_out = true;
  ::kill(-found->second.pid, SIGKILL);  // its session; it is not reaped yet, so the number is still its own
  kill_process(found->second.process);
}

bool CommandRunner::on_ready(std::uint64_t token) {
  if (token < 16) return false;
  const auto found = running_.find(token / 4);
  if (found == running_.end()) return true;
  auto& running = found->second;
  if (token % 4 == 0) {
    finish(found->first);
  } else {
    auto& stream = token % 4 == 1 ? running.out : running.err;
    if (!take(stream, token % 4 == 1 ? running.result.out : running.result.err)) {
      loop_.unwatch(stream);
      stream.reset();
    }
  }
  return true;
}

void CommandRunner::finish(std::uint64_t number) {
  auto running = std::move(running_.extract(number).mapped());
  loop_.unwatch(running.process);
  for (const auto& [stream, text] :
       {std::pair{&running.out, &running.result.out}, {&running.err, &running.result.err}}) {
    if (!stream->valid()) continue;
    take(*stream, *text);
    loop_.unwatch(*stream);
  }
  running.result.code = reap_process(running.process);
  while (!waiting_.empty() && running_.size() < at_once_max) {
    auto [command, done] = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(command), std::move(done));
  }
  running.done(std::move(running.result));
}

}  // namespace hansa
