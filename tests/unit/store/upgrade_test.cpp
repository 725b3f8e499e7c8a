// Journals that older releases left behind, opened by this one: tests/golden/journal/vN.sql, one of each schema
// version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/store/schema.hpp"
#include "src/store/sqlite_store.hpp"
#include "tests/support/store_samples.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Upgrade : ::testing::Test {
  TemporaryFolder folder;
  fs::path file = folder / "journal.db";

  void leave_journal_of_version(int version) {
    std::ifstream in(fs::path(HANSA_GOLDEN_DIR) / ("v" + std::to_string(version) + ".sql"));
    const std::string sql{std::istreambuf_iterator<char>(in), {}};
    ASSERT_FALSE(sql.empty());
    auto database = sqlite::Database::open(file, sqlite::OpenAs::writer);
    ASSERT_EQ(database->execute(sql.c_str()), SQLITE_OK) << database->message();
    ASSERT_EQ(database->number("PRAGMA user_version"), version);
  }
  std::int64_t version() { return sqlite::Database::open(file, sqlite::OpenAs::reader)->number("PRAGMA user_version"); }
};

TEST_F(Upgrade, BringsAJournalOfEveryOlderVersionUpToDateAndKeepsItsJobs) {
  const int newest = journal_migrations().back().to;
  for (int older = 1; older < newest; ++older) {
    leave_journal_of_version(older);
    auto store = SqliteStore::open(folder.path(), sample_store());
    ASSERT_TRUE(store.ok()) << store.error().text;
    EXPECT_EQ(version(), newest);
    const auto state = (*store)->load();
    ASSERT_TRUE(state.ok()) << state.error().text;
    EXPECT_FALSE(state->fresh);
    EXPECT_NE(state->store, sample_store());
    ASSERT_EQ(state->jobs.size(), 3u);
    ASSERT_EQ(state->runs.size(), 2u);
    EXPECT_EQ(std::get<Ended>(state->jobs[0].state).outcome->state, FinalState::completed);
    EXPECT_EQ(std::get<Ended>(state->jobs[1].state).outcome->exit.code, 3);
    EXPECT_TRUE(std::holds_alternative<Pending>(state->jobs[2].state));
    EXPECT_EQ(state->jobs[2].request->name, "waits");
    EXPECT_TRUE((*store)->job_payload(state->jobs[2].id).has_value());
    EXPECT_TRUE((*store)->commit(std::vector<StoreRecord>{PutFact{"n", 1}}).ok());
    store->reset();
    fs::remove(file);
  }
}

// What an older daemon does with the result: its list of migrations ends earlier.
TEST_F(Upgrade, CannotBeTakenBack) {
  SqliteStore::open(folder.path(), sample_store())->reset();
  auto database = sqlite::Database::open(file, sqlite::OpenAs::writer);
  const auto known = journal_migrations();
  const auto refused = migrate(*database, file.string(), known.first(known.size() - 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("run the newer hansad that wrote it"));
}

}  // namespace
}  // namespace hansa::test
