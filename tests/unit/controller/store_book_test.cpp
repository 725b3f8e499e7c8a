// Whose store is believed to be whose, told by whom.
#include "protocol/controller/store_book.hpp"

#include <gmock/gmock.h>

#include <set>

namespace hansa {
namespace {

StoreId store_named(std::uint8_t first) {
  StoreId id;
  id.bytes[0] = first;
  return id;
}

class StoreBookTest : public testing::Test {
 protected:
  const SiteName wujiang{"wujiang"}, taihu{"taihu"}, mallory{"mallory"};

  // What a daemon finds that starts with all that was persisted so far.
  void start_again() {
    for (const auto& record : out.persist) {
      const auto& document = std::get<PutDocument>(record);
      documents[document.name] = document.bytes;
    }
    book = fresh();
    book.restore(documents);
  }
  StoreBook fresh() {
    return {wujiang, store_named(1), [this](const SiteName& site) { return members.contains(site); }};
  }

  std::set<SiteName> members{taihu, mallory};
  std::map<std::string, std::string> documents;
  Effects out;
  StoreBook book = fresh();
};

TEST_F(StoreBookTest, KnowsItsOwnAndNobodyElsesBeforeHearingOfIt) {
  EXPECT_EQ(book.of(wujiang), store_named(1));
  EXPECT_EQ(book.of(taihu), std::nullopt);
}

TEST_F(StoreBookTest, ARecordCountsUntilTheSiteSpeaksItself) {
  EXPECT_TRUE(book.recorded(taihu, store_named(2), out));
  EXPECT_TRUE(book.recorded(taihu, store_named(3), out)) << "the newer record";
  EXPECT_TRUE(book.said(taihu, store_named(4), out));
  EXPECT_FALSE(book.recorded(taihu, store_named(2), out));
  EXPECT_EQ(book.of(taihu), store_named(4));
}

TEST_F(StoreBookTest, ARecordCountsAgainOnceTheLinkIsDown) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  book.link_down(taihu);
  EXPECT_TRUE(book.recorded(taihu, store_named(3), out));
  EXPECT_EQ(book.of(taihu), store_named(3));
}

TEST_F(StoreBookTest, ARecordOfAStoreThatItsSiteReplacedIsNeverBelievedAgainAlsoAfterARestart) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  EXPECT_TRUE(book.said(taihu, store_named(3), out));
  book.link_down(taihu);
  EXPECT_FALSE(book.recorded(taihu, store_named(2), out));
  start_again();
  EXPECT_FALSE(book.recorded(taihu, store_named(2), out));
  EXPECT_EQ(book.of(taihu), std::nullopt) << "until it is heard";
  EXPECT_TRUE(book.recorded(taihu, store_named(3), out));
}

TEST_F(StoreBookTest, AStoreThatCameBackIsBelievedOfItsSite) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  EXPECT_TRUE(book.said(taihu, store_named(3), out));
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  book.link_down(taihu);
  EXPECT_TRUE(book.recorded(taihu, store_named(2), out));
  EXPECT_FALSE(book.recorded(taihu, store_named(3), out)) << "now that one is gone";
}

TEST_F(StoreBookTest, NobodyTakesAnothersStoreNeitherOnALinkNorByARecordNorOverARestart) {
  EXPECT_TRUE(book.recorded(taihu, store_named(2), out));
  start_again();
  EXPECT_FALSE(book.said(mallory, store_named(2), out));
  EXPECT_FALSE(book.recorded(mallory, store_named(2), out));
  EXPECT_EQ(book.of(mallory), std::nullopt);
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  EXPECT_EQ(book.of(taihu), store_named(2));
}

TEST_F(StoreBookTest, NobodyMakesAnothersStoreGoneByNamingItAndThenItsOwn) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  EXPECT_FALSE(book.said(mallory, store_named(2), out));
  EXPECT_TRUE(book.said(mallory, store_named(3), out));
  book.link_down(taihu);
  EXPECT_TRUE(book.recorded(taihu, store_named(2), out));
}

TEST_F(StoreBookTest, WhoClaimsAnothersKeepsTheOneThatItHad) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  EXPECT_TRUE(book.said(mallory, store_named(3), out));
  EXPECT_FALSE(book.said(mallory, store_named(2), out));
  EXPECT_EQ(book.of(mallory), store_named(3));
}

TEST_F(StoreBookTest, NobodyHasThisSitesOwnNorNone) {
  EXPECT_FALSE(book.said(mallory, store_named(1), out));
  EXPECT_FALSE(book.recorded(mallory, StoreId{}, out));
  EXPECT_EQ(book.of(mallory), std::nullopt);
}

TEST_F(StoreBookTest, TheStoreOfASiteThatIsNoLongerKnownMayBeAnothersSinceItMayBeTheSameRenamed) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  members = {mallory, SiteName{"dongshan"}};
  EXPECT_TRUE(book.said(SiteName{"dongshan"}, store_named(2), out));
  members.insert(taihu);
  EXPECT_FALSE(book.said(taihu, store_named(2), out));
}

TEST_F(StoreBookTest, KeepsABoundedNumberForEachSite) {
  for (std::size_t i = 0; i < 200; ++i) book.said(mallory, store_named(static_cast<std::uint8_t>(10 + i)), out);
  EXPECT_EQ(out.persist.size(), 2 * StoreBook::stores_max - 1) << "each new one, and that the one before it is gone";
  EXPECT_EQ(book.of(mallory), store_named(10 + StoreBook::stores_max - 1));
  EXPECT_TRUE(book.said(taihu, store_named(2), out)) << "another's are not its concern";
}

TEST_F(StoreBookTest, WhatIsKnownAlreadyIsNotWrittenAgain) {
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  const auto written = out.persist.size();
  EXPECT_TRUE(book.said(taihu, store_named(2), out));
  book.link_down(taihu);
  EXPECT_TRUE(book.recorded(taihu, store_named(2), out));
  EXPECT_EQ(out.persist.size(), written);
}

}  // namespace
}  // namespace hansa
