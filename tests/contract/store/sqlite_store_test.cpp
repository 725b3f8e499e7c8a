// What a journal on a real disk must do beyond the contract: survive kill -9, and a disk that is really full.
#include "src/store/sqlite_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/store/store_contract.hpp"
#include "tests/support/store_samples.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

Result<std::unique_ptr<Store>> open_sqlite(const fs::path& folder, const StoreId& new_id = sample_store()) {
  auto opened = SqliteStore::open(folder, new_id);
  if (!opened) return opened.error();
  return std::unique_ptr<Store>(std::move(*opened));
}

// No file of this process may grow beyond `bytes`, as if its disk were that small.
void limit_files(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit {};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = std::min(bytes, limit.rlim_max);
  setrlimit(RLIMIT_FSIZE, &limit);
}

class OnSqlite final : public StoreOnDisk {
 public:
  ~OnSqlite() override { limit_files(RLIM_INFINITY); }
  Result<std::unique_ptr<Store>> open(const StoreId& new_id) override { return open_sqlite(folder_->path(), new_id); }
  // What lies on the disk at this moment goes into another folder, before the store gets to tidy up.
  void crash(std::unique_ptr<Store> store) override {
    auto image = std::make_unique<TemporaryFolder>();
    for (const auto* file : {"journal.db", "journal.db-wal"}) fs::copy_file(*folder_ / file, *image / file);
    store.reset();
    folder_ = std::move(image);
  }
  void fill_disk() override { limit_files(5u << 20); }
  void free_space() override { limit_files(RLIM_INFINITY); }

 private:
  std::unique_ptr<TemporaryFolder> folder_ = std::make_unique<TemporaryFolder>();
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract,
                         ::testing::Values(Implementation{"Sqlite", [] { return std::make_unique<OnSqlite>(); }}));

// Batch n says n in every kind of record, so that half a batch would show.
std::vector<StoreRecord> numbered_batch(std::uint64_t n) {
  auto run = sample_run(1);
  run.text = std::to_string(n);
  return {PutFact{"n", n},
          PutJob{sample_job(n)},
          PutJobPayload{sample_job_id(n), std::string(10'000, 'x')},
          PutRun{run},
          PutRunPayload{sample_run_key(n), std::to_string(n)},
          PutNote{sample_job_id(1), std::to_string(n)}};
}

// The daemon that will be killed: commits for ever, and says each number once it is durable.
[[noreturn]] void commit_until_killed(const fs::path& folder, int say) {
  auto store = open_sqlite(folder);
  for (std::uint64_t n = 1; store.ok(); ++n) {
    if (!(*store)->commit(numbered_batch(n)).ok()) break;
    if (write(say, &n, sizeof n) != sizeof n) break;
  }
  _exit(1);
}

// Kills a child just after it has said `last`, and returns the last number it managed to say.
std::uint64_t kill_after(const fs::path& folder, std::uint64_t last) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) commit_until_killed(folder, pipe_ends[1]);
  close(pipe_ends[1]);
  std::uint64_t said = 0;
  while (said < last && read(pipe_ends[0], &said, sizeof said) == sizeof said) {
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(pipe_ends[0], &said, sizeof said) == sizeof said) {
  }
  close(pipe_ends[0]);
  return said;
}

// 700 batches are enough for the log to have started again at least once.
TEST(SqliteStore, KeepsWholeBatchesAndAllItSaidWhenItsProcessIsKilled) {
  for (const std::uint64_t last : {1, 2, 17, 180, 700}) {
    const TemporaryFolder folder;
    const auto said = kill_after(folder.path(), last);
    ASSERT_GE(said, last);
    auto store = open_sqlite(folder.path());
    ASSERT_TRUE(store.ok()) << store.error().text;
    const auto state = (*store)->load();
    ASSERT_TRUE(state.ok()) << state.error().text;
    const auto kept = state->facts.at("n");
    EXPECT_GE(kept, said);
    EXPECT_EQ(state->jobs.size(), kept);
    EXPECT_EQ(state->runs.at(0).text, std::to_string(kept));
    EXPECT_EQ((*store)->note(sample_job_id(1)), std::to_string(kept));
    EXPECT_EQ(**(*store)->run_payload(sample_run_key(kept)), std::to_string(kept));
    for (std::uint64_t n = 1; n <= kept; ++n)
      EXPECT_EQ((*(*store)->job_payload(sample_job_id(n)))->size(), 10'000u) << n;
  }
}

// A small filesystem that only this process sees. Needs root; the contract's own test of a full disk does without.
class SmallFilesystem {
 public:
  explicit SmallFilesystem(const fs::path& folder) : folder_(folder) {
    mounted_ = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=12m") == 0;
  }
  SmallFilesystem(const SmallFilesystem&) = delete;
  SmallFilesystem& operator=(const SmallFilesystem&) = delete;
  ~SmallFilesystem() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool grow() { return mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0; }

 private:
  const fs::path folder_;
  bool mounted_ = false;
};

// Commits numbered batches until one finds the disk full; the number of the last durable one.
std::uint64_t commit_until_full(Store& store) {
  for (std::uint64_t n = 1;; ++n) {
    const auto result = store.commit(numbered_batch(n));
    EXPECT_TRUE(result.ok()) << result.error().text;
    if (!result.ok() || *result == CommitResult::disk_full) return n - 1;
  }
}

TEST(SqliteStore, LosesNothingOnADiskThatIsReallyFull) {
  const TemporaryFolder folder;
  SmallFilesystem disk(folder.path());
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small filesystem needs root";
  auto store = open_sqlite(folder.path());
  ASSERT_TRUE(store.ok()) << store.error().text;
  const auto durable = commit_until_full(**store);
  EXPECT_GT(durable, 100u);
  EXPECT_EQ((*store)->load()->facts.at("n"), durable);
  ASSERT_TRUE(disk.grow());
  EXPECT_EQ(*(*store)->commit(numbered_batch(durable + 1)), CommitResult::durable);
  store->reset();
  store = open_sqlite(folder.path());
  ASSERT_TRUE(store.ok()) << store.error().text;
  EXPECT_EQ((*store)->load()->jobs.size(), durable + 1);
  EXPECT_EQ((*(*store)->job_payload(sample_job_id(durable)))->size(), 10'000u);
  store->reset();
}

TEST(SqliteStore, LoadsEqualRequestsAsOneObject) {
  const TemporaryFolder folder;
  auto store = open_sqlite(folder.path());
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(
      (*store)
          ->commit(std::vector<StoreRecord>{PutJob{sample_job(1)}, PutJob{sample_job(2)},
                                            PutJob{sample_job(3, sample_request("other"))}, PutRun{sample_run(1)}})
          .ok());
  const auto state = (*store)->load();
  EXPECT_TRUE(state->jobs[0].request.same_object(state->jobs[1].request));
  EXPECT_TRUE(state->jobs[0].request.same_object(state->runs[0].request));
  EXPECT_FALSE(state->jobs[0].request.same_object(state->jobs[2].request));
}

TEST(SqliteStore, NamesTheProcessThatHasTheStore) {
  const TemporaryFolder folder;
  const auto first = open_sqlite(folder.path());
  const auto second = open_sqlite(folder.path());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().text, HasSubstr("the process " + std::to_string(getpid()) + " uses it"));
  EXPECT_THAT(second.error().text, HasSubstr(folder.path().string()));
}

TEST(SqliteStore, StaysLockedWhenItsLockFileIsRemoved) {
  const TemporaryFolder folder;
  auto first = open_sqlite(folder.path());
  fs::remove(folder / "lock");
  for (int i = 0; i < 2; ++i) {
    const auto second = open_sqlite(folder.path());
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().text, HasSubstr("uses it"));
  }
  first->reset();
  EXPECT_TRUE(open_sqlite(folder.path()).ok());
}

// A daemon of an older release locks the file alone.
TEST(SqliteStore, IsNotTakenFromADaemonThatLocksTheFileOnly) {
  const TemporaryFolder folder;
  const auto file = folder / "lock";
  const int older = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(older, LOCK_EX | LOCK_NB), 0);
  EXPECT_FALSE(open_sqlite(folder.path()).ok());
  close(older);
  EXPECT_TRUE(open_sqlite(folder.path()).ok());
}

// A job outlives its daemon, and must not keep the store from the next one.
TEST(SqliteStore, IsNotHeldByTheProgramsThatItsDaemonStarted) {
  const TemporaryFolder folder;
  auto store = open_sqlite(folder.path());
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t job = fork();
  if (job == 0) {
    dup2(pipe_ends[0], STDIN_FILENO);
    close(pipe_ends[1]);
    // Says by its end of input that it lives until the test lets go.
    execlp("cat", "cat", nullptr);
    _exit(127);
  }
  // /proc says when exec has happened, and with it the lock's close-on-exec.
  const auto is_cat = [&] {
    return fs::read_symlink("/proc/" + std::to_string(job) + "/exe").filename() != "store_contract";
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!is_cat() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  store->reset();
  EXPECT_TRUE(open_sqlite(folder.path()).ok());
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  waitpid(job, nullptr, 0);
}

TEST(SqliteStore, KeepsItsFilesFromOtherUsers) {
  const TemporaryFolder folder;
  const auto store = open_sqlite(folder.path());
  ASSERT_TRUE((*store)->commit(numbered_batch(1)).ok());
  for (const auto& file : fs::directory_iterator(folder.path()))
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write) << file;
}

}  // namespace
}  // namespace hansa::test
