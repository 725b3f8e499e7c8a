// A daemon for tests of the gateway and the command: one site, jobs in memory, answers from a thread of its own.
//
// Jobs stay PENDING until a test says finish(). Every call is kept with its caller, for tests to look at.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "hansa/api.hpp"

namespace hansa {

class FakeApi final : public ApiHandler {
 public:
  FakeApi();
  ~FakeApi() override;

  // --- What tests say ---
  void finish(std::uint64_t number, std::int32_t exit_code, std::int32_t task = JobId::no_task);
  // The job is an array, of which this task has been split off.
  void split_off(std::uint64_t number, std::int32_t task, std::uint32_t still_waiting = 0);
  void append_log(const std::string& bytes, bool complete);
  void put_output(Manifest manifest, std::map<ContentHash, std::string> chunks, std::string stdout_path = "",
                  std::string stderr_path = "");
  void refuse_next(Error error);
  // Answers wait until the test lets them go.
  void hold_answers();
  void release_answers();
  void set_note(std::string note);
  void set_ready(bool ready);

  // --- What tests ask ---
  std::vector<Submission> submissions() const;
  std::optional<Caller> last_caller() const;
  std::vector<ActOnJob> acts() const;
  std::optional<ListJobs> last_list() const;
  std::size_t calls() const;
  std::set<ContentHash> stored_chunks() const;

  void call(const Caller& caller, ApiCall call, std::function<void(ApiReply)> answer) override;
  void read_log(const Caller& caller, const JobName& job, bool stderr_stream, std::uint64_t offset, Duration wait,
                std::function<void(Result<LogPiece>)> answer) override;
  void output_manifest(const Caller& caller, const JobName& job,
                       std::function<void(Result<JobOutputs>)> answer) override;
  void missing_chunks(const Caller& caller, std::vector<ContentHash> hashes,
                      std::function<void(Result<std::vector<ContentHash>>)> answer) override;
  void put_chunk(const Caller& caller, const ContentHash& hash, std::string zstd,
                 std::function<void(Status)> answer) override;
  void get_output_chunk(const Caller& caller, const JobName& job, const ContentHash& hash,
                        std::function<void(Result<std::string>)> answer) override;
  std::string metrics() override { return "hansa_fake_total 7\n"; }

 private:
  struct Job {
    JobView view;
    std::string key;
  };
  using Waiting = std::pair<std::uint64_t, std::function<void(ApiReply)>>;
  struct LogWaiting {
    std::uint64_t offset;
    std::function<void(Result<LogPiece>)> answer;
  };

  ApiReply reply(const Caller& caller, const ApiCall& call);
  ApiReply submit(const Caller& caller, const SubmitJobs& call);
  ApiReply list(const ListJobs& call);
  ApiReply act(const ActOnJob& call);
  Result<Job*> find(const JobName& name);
  LogPiece piece_from(std::uint64_t offset) const;
  void later(std::function<void()> work);
  void work();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool held_ = false;
  bool stopping_ = false;

  std::map<JobId, Job> jobs_;
  std::uint64_t last_number_ = 1'041;
  std::vector<Submission> submissions_;
  std::optional<Caller> last_caller_;
  std::vector<ActOnJob> acts_;
  std::optional<ListJobs> last_list_;
  std::size_t calls_ = 0;
  std::optional<Error> refusal_;
  std::vector<Waiting> waiting_;
  std::vector<LogWaiting> log_waiting_;
  std::string log_;
  bool log_complete_ = false;
  Manifest outputs_;
  std::string stdout_path_;
  std::string stderr_path_;
  std::map<ContentHash, std::string> output_chunks_;
  std::map<ContentHash, std::string> chunks_;
  std::string note_ = R"({"how":"fastest"})";
  bool ready_ = true;
  std::thread thread_;
};

}  // namespace hansa
