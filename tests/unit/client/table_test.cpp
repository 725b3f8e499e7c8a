#include "src/client/table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

TEST(Table, ColumnsAreAsWideAsWhatIsInThem) {
  const Table table{.header = {"ID", "N", "NAME"},
                    .rows = {{"wujiang-1", Cell::number("5"), "a"}, {"gcl-2", Cell::number("42"), "bb"}}};
  EXPECT_EQ(table.text(false), "ID          N  NAME\nwujiang-1   5  a\ngcl-2      42  bb\n");
}

TEST(Table, CharactersCountNotBytes) {
  EXPECT_EQ(shown_width("grüß"), 4u);
  const Table table{.header = {}, .rows = {{"grüß", "x"}, {"abcde", "y"}}};
  EXPECT_EQ(table.text(false), "grüß   x\nabcde  y\n");
}

TEST(Table, NamesCantSpeakToTheTerminal) {
  const Table table{.header = {}, .rows = {{"a\033[31mb\nc"}}};
  EXPECT_EQ(table.text(true), "a?[31mb?c\n");
}

TEST(Table, ColoursAreForTerminals) {
  const Table table{.header = {}, .rows = {{Cell("RUNNING", Colour::good), "x"}}};
  EXPECT_EQ(table.text(false), "RUNNING  x\n");
  EXPECT_EQ(table.text(true), "\033[32mRUNNING\033[0m  x\n");
}

TEST(Times, AreShownInTheUsersZone) {
  setenv("TZ", "CST-8", 1);
  tzset();
  EXPECT_EQ(show_time("2026-03-01T08:34:56.125Z"), "2026-03-01 16:34:56");
  EXPECT_EQ(show_time(""), "-");
  EXPECT_DOUBLE_EQ(*parse_utc("2026-03-01T08:34:56.125Z"), 1'772'354'096.125);
  EXPECT_FALSE(parse_utc("yesterday").has_value());
}

TEST(Help, EveryVerbHasAnExample) {
  for (const auto& verb : verbs()) {
    EXPECT_NE(verb.examples.find("hansa " + std::string(verb.name)), std::string_view::npos) << verb.name;
    EXPECT_NE(help_of_all().find("  " + std::string(verb.name) + " "), std::string::npos);
    EXPECT_NE(help_of(verb).find("examples:"), std::string::npos);
  }
}

}  // namespace
}  // namespace hansa::client
