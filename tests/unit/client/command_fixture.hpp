// The real command as a child process, before a gateway with a fake daemon.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class CommandTest : public GatewayTest {
 protected:
  void SetUp() override { start(); }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }

  static std::string read_all(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::vector<std::string> environment_ = {"HANSA_SOCKET=" + folder_.path() + "/hansa.sock", "PATH=/usr/bin:/bin",
                                           "TZ=UTC"};

  struct Child {
    pid_t pid = 0;
    std::string out;
    std::string err;
  };

  // Started in the test's folder, as hansa or by another name of it ("-sbatch").
  Child spawn(std::vector<std::string> words, const std::string& name = "", const std::string& input = "/dev/null") {
    const auto number = std::to_string(++children_);
    Child child{.out = path("out." + number), .err = path("err." + number)};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, child.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, child.err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addchdir_np(&actions, folder_.path().c_str());
    const auto program = std::string(HANSA_BINARY) + name;
    words.insert(words.begin(), program);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment;
    for (auto& entry : environment_) environment.push_back(entry.data());
    environment.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&child.pid, program.c_str(), &actions, nullptr, arguments.data(), environment.data()), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
  }

  static Ran end_of(const Child& child) {
    int status = 0;
    waitpid(child.pid, &status, 0);
    return {
        .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = read_all(child.out), .err = read_all(child.err)};
  }

  Ran hansa(const std::vector<std::string>& words) { return end_of(spawn(words)); }
  Ran alias(const std::string& name, const std::vector<std::string>& words, const std::string& input = "/dev/null") {
    return end_of(spawn(words, "-" + name, input));
  }

  void until(const std::function<bool()>& met) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!met() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_TRUE(met());
  }

 private:
  int children_ = 0;
};

}  // namespace hansa
