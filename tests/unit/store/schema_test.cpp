#include "src/store/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>

#include "tests/support/store_samples.hpp"

namespace hansa {
namespace {

using ::testing::HasSubstr;

constexpr std::array versions{
    Migration{1, "CREATE TABLE identity (store BLOB NOT NULL); CREATE TABLE fruit (name TEXT)"},
    Migration{2, "ALTER TABLE fruit ADD COLUMN colour TEXT; UPDATE fruit SET colour = 'unknown'"},
    Migration{3, "INSERT INTO fruit VALUES ('plum', 'blue'); DELETE FROM fruit WHERE colour = 'unknown'"},
};
constexpr std::span<const Migration> all{versions};

struct Schema : ::testing::Test {
  sqlite::Database database = std::move(*sqlite::Database::open(":memory:", sqlite::OpenAs::writer));

  Status create(std::span<const Migration> migrations) {
    return create_schema(database, test::sample_store(), migrations);
  }
  std::int64_t version() { return database.number("PRAGMA user_version"); }
  std::int64_t count(const char* what) { return database.number(std::string("SELECT count(*) FROM ") + what); }
};

TEST_F(Schema, OfANewJournalIsTheSumOfAllMigrations) {
  ASSERT_TRUE(create(all).ok());
  EXPECT_EQ(version(), 3);
  EXPECT_EQ(count("fruit WHERE colour = 'blue'"), 1);
  EXPECT_EQ(count("identity"), 1);
}

TEST_F(Schema, OfAnOlderJournalRunsTheMigrationsItLacksAndKeepsItsRows) {
  ASSERT_TRUE(create(all.first(1)).ok());
  ASSERT_EQ(database.execute("INSERT INTO fruit VALUES ('pear')"), SQLITE_OK);
  ASSERT_TRUE(migrate(database, "journal.db", all.first(2)).ok());
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(count("fruit WHERE name = 'pear' AND colour = 'unknown'"), 1);
  ASSERT_TRUE(migrate(database, "journal.db", all).ok());
  EXPECT_EQ(version(), 3);
  EXPECT_EQ(count("fruit"), 1);
}

TEST_F(Schema, ThatIsUpToDateIsLeftAlone) {
  ASSERT_TRUE(create(all).ok());
  ASSERT_TRUE(migrate(database, "journal.db", all).ok());
  EXPECT_EQ(count("fruit"), 1);
}

TEST_F(Schema, NewerThanTheProgramIsRefusedWithBothVersions) {
  ASSERT_TRUE(create(all).ok());
  const auto refused = migrate(database, "journal.db", all.first(2));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("journal.db"));
  EXPECT_THAT(refused.error().text, HasSubstr("version 3"));
  EXPECT_THAT(refused.error().text, HasSubstr("up to 2"));
  EXPECT_EQ(version(), 3);
}

TEST_F(Schema, StaysAtTheLastGoodVersionWhenAMigrationFails) {
  ASSERT_TRUE(create(all.first(1)).ok());
  auto broken = versions;
  broken[2].sql = "INSERT INTO fruit VALUES ('plum', 'blue'); INSERT INTO no_such_table VALUES (1)";
  const auto failed = migrate(database, "journal.db", broken);
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().text, HasSubstr("schema version 3"));
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(count("fruit"), 0);
  EXPECT_TRUE(migrate(database, "journal.db", all).ok());
}

TEST_F(Schema, ThatFailsToBeMadeLeavesAnEmptyFile) {
  auto broken = versions;
  broken[1].sql = "nonsense";
  EXPECT_FALSE(create(broken).ok());
  EXPECT_EQ(count("sqlite_schema"), 0);
  EXPECT_TRUE(create(all).ok());
}

TEST(JournalMigrations, LeadFromOneVersionToTheNextWithoutAGap) {
  int version = 0;
  for (const auto& migration : journal_migrations()) EXPECT_EQ(migration.to, ++version);
  EXPECT_GE(version, 1);
}

}  // namespace
}  // namespace hansa
