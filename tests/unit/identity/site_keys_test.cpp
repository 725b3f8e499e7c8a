#include "src/identity/site_keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "src/identity/secret_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa {
namespace {

namespace fs = std::filesystem;

class SiteKeysTest : public testing::Test {
 protected:
  static unsigned mode_of(const std::string& path) {
    struct stat about {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0);
    return about.st_mode & 07777;
  }

  test::TemporaryFolder folder_;
  const KeyFiles files_{.identity = folder_ / "identity.key", .transport = folder_ / "transport.key"};
};

TEST_F(SiteKeysTest, KeysThatWereSavedComeBack) {
  const auto keys = generate_keys();
  ASSERT_TRUE(save_keys(keys, files_).ok());
  const auto loaded = load_keys(files_);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text;
  EXPECT_EQ(*loaded, keys);
}

TEST_F(SiteKeysTest, NoTwoSitesGetTheSameKeys) {
  const auto one = generate_keys();
  const auto other = generate_keys();
  EXPECT_NE(one.identity, other.identity);
  EXPECT_NE(one.transport, other.transport);
}

TEST_F(SiteKeysTest, FilesAreForTheirOwnerOnlyWhateverTheUmask) {
  const auto before = ::umask(0);
  ASSERT_TRUE(save_keys(generate_keys(), files_).ok());
  ::umask(before);
  EXPECT_EQ(mode_of(files_.identity), 0600u);
  EXPECT_EQ(mode_of(files_.transport), 0600u);
}

TEST_F(SiteKeysTest, AFileThatOthersCanReadIsRefusedInOneSentence) {
  ASSERT_TRUE(save_keys(generate_keys(), files_).ok());
  ASSERT_EQ(::chmod(files_.transport.c_str(), 0640), 0);
  const auto loaded = load_keys(files_);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind, ErrorKind::refused);
  EXPECT_EQ(loaded.error().text, files_.transport +
                                     " holds a secret and is open to others (mode 0640): run chmod 600 " +
                                     files_.transport + ", and make new keys if somebody may have read it");
}

TEST_F(SiteKeysTest, ExistingKeysAreNeverOverwritten) {
  const auto keys = generate_keys();
  ASSERT_TRUE(save_keys(keys, files_).ok());
  const auto again = save_keys(generate_keys(), files_);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_EQ(*load_keys(files_), keys);
}

TEST_F(SiteKeysTest, AMissingFileIsNamed) {
  const auto loaded = load_keys(files_);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind, ErrorKind::not_found);
  EXPECT_NE(loaded.error().text.find(files_.identity), std::string::npos);
}

TEST_F(SiteKeysTest, FilesThatWereMixedUpAreToldApart) {
  ASSERT_TRUE(save_keys(generate_keys(), files_).ok());
  const auto loaded = load_keys({.identity = files_.transport, .transport = files_.identity});
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().text.find("hansa-identity-secret-1"), std::string::npos) << loaded.error().text;
}

TEST_F(SiteKeysTest, ADamagedFileIsSaidToBeDamaged) {
  ASSERT_TRUE(write_secret_file(files_.identity, "hansa-identity-secret-1 12345\n").ok());
  const auto loaded = load_keys(files_);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt);
}

TEST_F(SiteKeysTest, AFolderInPlaceOfAFileIsRefused) {
  fs::create_directory(files_.identity);
  EXPECT_FALSE(load_keys(files_).ok());
}

}  // namespace
}  // namespace hansa
