#include "reports/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace blondel {
namespace {

class Digest {
 public:
  Digest() : context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free} {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
      throw std::logic_error{"this libcrypto has no SHA-256"};
  }

  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1)
      throw std::logic_error{"SHA-256 did not take its input"};
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), raw.data(), &size) != 1) throw std::logic_error{"SHA-256 did not end"};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (unsigned i = 0; i < size; ++i) {
      text += digits[raw[i] >> 4];
      text += digits[raw[i] & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return fail(Fault::storage, path.string(), "is not a file");
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail(Fault::storage, path.string(), std::strerror(errno));
  Digest digest;
  std::array<char, 65536> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0)
    digest.add({piece.data(), static_cast<std::size_t>(in.gcount())});
  if (in.bad()) return fail(Fault::storage, path.string(), "could not be read to its end");
  return digest.hex();
}

}  // namespace blondel
