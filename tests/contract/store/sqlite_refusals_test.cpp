// Folders that SqliteStore must not take for its own, or no longer can: each gets one clear sentence, and is left as
// it was found.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <iterator>

#include "src/store/sqlite.hpp"
#include "src/store/sqlite_store.hpp"
#include "tests/support/store_samples.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct SqliteRefusals : ::testing::Test {
  TemporaryFolder folder;
  fs::path file = folder / "journal.db";

  // A journal of twenty jobs whose payloads fill many pages, shut down in order: all of it is in journal.db.
  void make_journal() {
    auto store = SqliteStore::open(folder.path(), sample_store());
    ASSERT_TRUE(store.ok()) << store.error().text;
    std::vector<StoreRecord> records;
    for (std::uint64_t n = 1; n <= 20; ++n) {
      records.push_back(PutJob{sample_job(n)});
      records.push_back(PutJobPayload{sample_job_id(n), std::string(20'000, 'x')});
    }
    ASSERT_TRUE((*store)->commit(records).ok());
  }

  void edit(const std::string& sql) {
    auto database = sqlite::Database::open(file, sqlite::OpenAs::writer);
    ASSERT_EQ(database->execute(sql.c_str()), SQLITE_OK) << database->message();
  }

  std::string content() {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void overwrite(std::size_t offset, const std::string& bytes) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    out << bytes;
  }

  Error expect_refused(ErrorKind kind) {
    const auto opened = SqliteStore::open(folder.path(), sample_store(2));
    EXPECT_FALSE(opened.ok());
    if (opened.ok()) return {};
    EXPECT_EQ(opened.error().kind, kind);
    EXPECT_THAT(opened.error().text, HasSubstr(folder.path().string()));
    return opened.error();
  }
};

TEST_F(SqliteRefusals, AFileThatIsNoDatabase) {
  std::ofstream(file) << "Dear diary, today I did not write a database, but a text that is longer than its header "
                         "would have been.";
  const auto before = content();
  EXPECT_THAT(expect_refused(ErrorKind::corrupt).text, HasSubstr("not a database"));
  EXPECT_EQ(content(), before);
}

TEST_F(SqliteRefusals, ADatabaseOfAnotherProgram) {
  edit("PRAGMA application_id = 1; CREATE TABLE music (title TEXT)");
  const auto before = content();
  EXPECT_THAT(expect_refused(ErrorKind::corrupt).text, HasSubstr("some other program's database"));
  EXPECT_EQ(content(), before);
  EXPECT_FALSE(fs::exists(file.string() + "-wal"));
}

TEST_F(SqliteRefusals, AJournalCutShortWithinItsHeader) {
  make_journal();
  fs::resize_file(file, 60);
  EXPECT_THAT(expect_refused(ErrorKind::corrupt).text, HasSubstr("cut short"));
}

TEST_F(SqliteRefusals, AJournalCutShortAnywhere) {
  make_journal();
  const auto whole = fs::file_size(file);
  for (const auto size : {whole - 4096, whole / 2, std::uintmax_t{4096 * 3}, std::uintmax_t{5000}}) {
    fs::resize_file(file, size);
    expect_refused(ErrorKind::corrupt);
  }
}

TEST_F(SqliteRefusals, AJournalWhoseBeginningWasOverwritten) {
  make_journal();
  overwrite(0, std::string(4096, '\0'));
  expect_refused(ErrorKind::corrupt);
}

TEST_F(SqliteRefusals, AJournalWhoseSchemaIsGarbage) {
  make_journal();
  overwrite(100, std::string(3900, '\xee'));
  expect_refused(ErrorKind::corrupt);
}

TEST_F(SqliteRefusals, ALogWithoutItsJournal) {
  make_journal();
  fs::rename(file, file.string() + "-wal");
  EXPECT_THAT(expect_refused(ErrorKind::corrupt).text, HasSubstr("journal.db-wal is there"));
}

// The folder as a daemon that was killed leaves it: the last commits are in the log alone.
TEST_F(SqliteRefusals, AJournalWhoseLogWasRemoved) {
  const TemporaryFolder killed;
  {
    auto store = SqliteStore::open(folder.path(), sample_store());
    ASSERT_TRUE(store.ok()) << store.error().text;
    ASSERT_TRUE((*store)->commit(std::vector<StoreRecord>{PutJob{sample_job(1)}}).ok());
    fs::copy_file(file, killed / "journal.db");
    fs::copy_file(file.string() + "-wal", killed / "log put aside");
  }
  for (int i = 0; i < 2; ++i) {
    const auto opened = SqliteStore::open(killed.path(), sample_store(2));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(opened.error().text, HasSubstr("its log journal.db-wal is gone"));
  }
  fs::copy_file(killed / "log put aside", killed / "journal.db-wal");
  auto store = SqliteStore::open(killed.path(), sample_store(2));
  ASSERT_TRUE(store.ok()) << store.error().text;
  EXPECT_EQ((*store)->load()->jobs.size(), 1u);
}

// Any program that opens the journal of a dead daemon copies the log into it and removes it: nothing is lost.
TEST_F(SqliteRefusals, ButNotAJournalWhoseLogWasCopiedIntoIt) {
  const TemporaryFolder killed;
  {
    auto store = SqliteStore::open(folder.path(), sample_store());
    ASSERT_TRUE(store.ok()) << store.error().text;
    // Enough for the log to start again in between.
    for (std::uint64_t n = 1; n <= 600; ++n) {
      const std::vector<StoreRecord> batch{PutJob{sample_job(n)},
                                           PutJobPayload{sample_job_id(n), std::string(9'000, 'x')}};
      ASSERT_TRUE((*store)->commit(batch).ok());
    }
    for (const auto* name : {"journal.db", "journal.db-wal"}) fs::copy_file(folder / name, killed / name);
  }
  {
    auto other = sqlite::Database::open(killed / "journal.db", sqlite::OpenAs::writer);
    EXPECT_EQ(other->number("SELECT count(*) FROM jobs"), 600);
  }
  EXPECT_FALSE(fs::exists(killed / "journal.db-wal"));
  auto store = SqliteStore::open(killed.path(), sample_store(2));
  ASSERT_TRUE(store.ok()) << store.error().text;
  EXPECT_EQ((*store)->load()->jobs.size(), 600u);
}

TEST_F(SqliteRefusals, AJournalWithANewerSchema) {
  make_journal();
  edit("PRAGMA user_version = 1000; CREATE TABLE marvel (n INTEGER)");
  const auto error = expect_refused(ErrorKind::refused);
  EXPECT_THAT(error.text, HasSubstr("schema version 1000"));
  EXPECT_THAT(error.text, HasSubstr("run the newer hansad"));
}

TEST_F(SqliteRefusals, AFolderThatIsNotThere) {
  const auto opened = SqliteStore::open(folder / "nowhere", sample_store());
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().text, HasSubstr("nowhere"));
  EXPECT_THAT(opened.error().text, HasSubstr("must exist"));
  EXPECT_FALSE(fs::exists(folder / "nowhere"));
}

TEST_F(SqliteRefusals, ARecordThatMakesNoSenseNamesItsJob) {
  make_journal();
  edit("UPDATE jobs SET record = x'c1c1c1' WHERE number = 7");
  auto store = SqliteStore::open(folder.path(), sample_store());
  ASSERT_TRUE(store.ok()) << store.error().text;
  const auto state = (*store)->load();
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(state.error().text, HasSubstr("job 7"));
}

TEST_F(SqliteRefusals, ARecordThatLiesUnderAnotherJobsKey) {
  make_journal();
  edit("UPDATE jobs SET record = (SELECT record FROM jobs WHERE number = 8) WHERE number = 7");
  auto store = SqliteStore::open(folder.path(), sample_store());
  ASSERT_TRUE(store.ok()) << store.error().text;
  const auto state = (*store)->load();
  ASSERT_FALSE(state.ok());
  EXPECT_THAT(state.error().text, HasSubstr("another job's"));
}

// Payloads are not looked at when the journal is opened; the first that can't be read stops the site.
TEST_F(SqliteRefusals, APayloadThatCannotBeReadFailsTheNextCommit) {
  make_journal();
  auto database = sqlite::Database::open(file, sqlite::OpenAs::reader);
  const auto root = database->number("SELECT rootpage FROM sqlite_schema WHERE name = 'job_payloads'");
  database = internal_error("closed");
  overwrite(static_cast<std::size_t>(root - 1) * 4096, std::string(4096, '\xee'));
  auto store = SqliteStore::open(folder.path(), sample_store());
  ASSERT_TRUE(store.ok()) << store.error().text;
  EXPECT_EQ((*store)->load()->jobs.size(), 20u);
  const std::vector<StoreRecord> batch = {PutFact{"n", 1}};
  EXPECT_TRUE((*store)->commit(batch).ok());
  EXPECT_FALSE((*store)->job_payload(sample_job_id(3)).has_value());
  for (int i = 0; i < 2; ++i) {
    const auto refused = (*store)->commit(batch);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(refused.error().text, HasSubstr("cannot read the journal"));
  }
}

// Before the first commit of its schema a journal is an empty file, and a daemon killed there starts anew.
TEST_F(SqliteRefusals, ButNotAnEmptyFileThatACrashLeftBehind) {
  std::ofstream(file).flush();
  auto store = SqliteStore::open(folder.path(), sample_store());
  ASSERT_TRUE(store.ok()) << store.error().text;
  EXPECT_TRUE((*store)->load()->fresh);
}

}  // namespace
}  // namespace hansa::test
