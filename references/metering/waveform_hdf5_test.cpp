#include "references/metering/waveform_hdf5.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "references/error.hpp"
#include "references/metering/testdata/hdf5_sample.hpp"

namespace blondel {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Set = Hdf5Sample::Set;

class WaveformHdf5Test : public ::testing::Test {
 protected:
  WaveformHdf5Test() { std::filesystem::create_directories(folder_); }
  ~WaveformHdf5Test() override { std::filesystem::remove_all(folder_); }

  static Set va(std::vector<double> samples = {1, 2, 3}) {
    return {"va", std::move(samples), H5T_IEEE_F64LE, {}, {}, "V"};
  }
  static Set ia(std::vector<double> samples = {4, 5, 6}) {
    return {"ia", std::move(samples), H5T_IEEE_F64LE, {}, {}, "A"};
  }

  /// Writes a file of these sets with a rate of 2520 S/s.
  void write(const std::vector<Set>& sets) const {
    Hdf5Sample file{path_};
    file.add_number("/", "rate_hz", 2520);
    for (const auto& set : sets) file.add(set);
  }

  Recording read(const std::string& group = "", std::optional<double> rate = {}) const {
    return load_waveform_hdf5(path_, {{true, false, false, true, false, false}, rate, group});
  }

  /// "where: what" of the refusal with the file's own name short, or "accepted". Nothing may be said beside it.
  std::string refusal(const std::string& group = "", std::optional<double> rate = {}) const {
    testing::internal::CaptureStderr();
    std::string text = "accepted";
    try {
      read(group, rate);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      text = failure.error.where + ": " + failure.error.what;
      EXPECT_EQ(text.find(path_), 0u) << text;
      text.replace(0, path_.size(), "wave.h5");
    }
    EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
    return text;
  }

  std::string refusal_of(const std::vector<Set>& sets) const {
    write(sets);
    return refusal();
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("blondel_hdf5_" + std::to_string(getpid()));
  std::string path_ = (folder_ / "wave.h5").string();
};

TEST_F(WaveformHdf5Test, ReadsFloatingPointInItsUnit) {
  write({va(), {"ia", {4.5, 5, 6}, H5T_IEEE_F32BE, 10.0, {}, "A"}, {"vb", {1}, H5T_STD_U8LE, {}, {}, ""}});
  const auto r = read();
  EXPECT_EQ(r.rate_hz, 2520);
  EXPECT_EQ(r.rows, 3u);
  EXPECT_THAT(std::get<ChannelSamples<double>>(r.samples)[0], ElementsAre(1, 2, 3));
  EXPECT_EQ(value(r, 3, 0), 45);
  EXPECT_FALSE(r.has[1]) << "what is not needed is not looked at";
}

TEST_F(WaveformHdf5Test, WholeNumbersStayWholeNumbersWithTheirScale) {
  write(
      {{"va", {-32768, 0, 32767}, H5T_STD_I16LE, 0.01, 100.0, "V"}, {"ia", {1, 2, 3}, H5T_STD_I16BE, 1e-3, 0.0, "A"}});
  const auto r = read();
  EXPECT_THAT(std::get<ChannelSamples<std::int16_t>>(r.samples)[0], ElementsAre(-32768, 0, 32767));
  EXPECT_THAT(std::get<ChannelSamples<std::int16_t>>(r.samples)[3], ElementsAre(1, 2, 3));
  EXPECT_DOUBLE_EQ(value(r, 0, 2), 326.67);

  write({{"va", {-2147483648.0, 0, 2147483647.0}, H5T_STD_I32LE, 1e-7, 0.0, "V"},
         {"ia", {1, 2, 3}, H5T_STD_I16LE, 1e-3, 0.0, "A"}});
  EXPECT_THAT(std::get<ChannelSamples<std::int32_t>>(read().samples)[0], ElementsAre(INT32_MIN, 0, INT32_MAX));
}

TEST_F(WaveformHdf5Test, ReadsFromAGroupWithItsOwnRate) {
  {
    Hdf5Sample file{path_};
    file.add_group("waveforms");
    file.add_group("waveforms/point 3");
    auto v = va(), i = ia();
    v.name = "waveforms/point 3/va", i.name = "waveforms/point 3/ia";
    file.add(v);
    file.add(i);
    file.add_number("waveforms/point 3", "rate_hz", 50000);
  }
  EXPECT_EQ(read("waveforms/point 3").rate_hz, 50000);
  EXPECT_EQ(read("/waveforms/point 3/").rows, 3u);
  EXPECT_EQ(refusal("waveforms/point 4"), "wave.h5:/waveforms/point 4: the group is missing");
  EXPECT_EQ(refusal("pictures/point 3"), "wave.h5:/pictures: the group is missing");
  EXPECT_EQ(refusal("a\nb\x1b"), "wave.h5:/a\\x0ab\\x1b: the group is missing");
  EXPECT_EQ(refusal("waveforms/point 3/va"), "wave.h5:/waveforms/point 3/va: expected a group, found something else");
  EXPECT_EQ(refusal(), "wave.h5:/va: the data set is missing");
}

TEST_F(WaveformHdf5Test, RefusesRatesThatAreMissingOrContradict) {
  {
    Hdf5Sample file{path_};
    file.add(va());
    file.add(ia());
  }
  EXPECT_THAT(refusal(), HasSubstr("the attribute 'rate_hz' is missing"));
  EXPECT_EQ(read("", 4000).rate_hz, 4000);
  write({va(), ia()});
  EXPECT_EQ(read("", 2520).rate_hz, 2520);
  EXPECT_THAT(refusal("", 2521), HasSubstr("contradict: the attribute 'rate_hz' says 2520, before it stood 2521"));
  for (const double rate : {0.0, -2520.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    {
      Hdf5Sample file{path_};
      file.add_number("/", "rate_hz", rate);
      file.add(va());
      file.add(ia());
    }
    EXPECT_THAT(refusal(), HasSubstr("wave.h5: expected a")) << rate;
  }
}

TEST_F(WaveformHdf5Test, RefusesDataSetsOfAnotherMake) {
  const auto with_va = [&](Set set) { return refusal_of({std::move(set), ia()}); };
  EXPECT_EQ(refusal_of({ia()}), "wave.h5:/va: the data set is missing");
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_STD_U16LE, 1.0, 0.0, "V"}),
              HasSubstr("wave.h5:/va: expected samples of type"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_STD_I64LE, 1.0, 0.0, "V"}), HasSubstr("expected samples of type"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_STD_I16LE, {}, 0.0, "V"}), HasSubstr("the attribute 'gain' is missing"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_STD_I16LE, 1.0, {}, "V"}), HasSubstr("the attribute 'offset' is missing"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_IEEE_F64LE, {}, {}, ""}), HasSubstr("the attribute 'unit' is missing"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_IEEE_F64LE, {}, {}, "A"}),
              HasSubstr("expected 'V' in the attribute 'unit'"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_IEEE_F64LE, 0.0, {}, "V"}), HasSubstr("a gain other than 0"));
  EXPECT_THAT(with_va({"va", {1, 2, 3}, H5T_IEEE_F64LE, INFINITY, {}, "V"}),
              HasSubstr("finite number in the attribute 'gain'"));
  EXPECT_THAT(with_va(va({1, 2})), HasSubstr("wave.h5:/ia: expected 2 samples as in the channels before, found 3"));
  EXPECT_THAT(with_va(va({1})), HasSubstr("expected from 2 to"));
  EXPECT_THAT(with_va(va({1, NAN, 3})), HasSubstr("wave.h5:/va: sample 1 (from 0) is nan"));
  EXPECT_THAT(with_va(va({1, 2, -INFINITY})), HasSubstr("sample 2 (from 0) is -inf"));
  EXPECT_THAT(with_va(va({1e300, 2, 3})), HasSubstr("sample 0 (from 0) is 1e+300"));
  {
    Hdf5Sample file{path_};
    file.add_number("/", "rate_hz", 2520);
    file.add(va({1, 2, 3, 4}), 2);
    file.add(ia());
  }
  EXPECT_EQ(refusal(), "wave.h5:/va: expected one dimension");
  {
    Hdf5Sample file{path_};
    file.add_group("va");
  }
  EXPECT_EQ(refusal(), "wave.h5:/va: expected a data set, found something else");
  {
    Hdf5Sample file{path_};
    file.add({"va", {1, 2, 3}, H5T_IEEE_F64LE, {}, {}, ""});
    file.add_number("va", "unit", 1);
  }
  EXPECT_EQ(refusal(), "wave.h5:/va: expected one text in the attribute 'unit', found something else");
}

TEST_F(WaveformHdf5Test, RefusesWhatIsNoWholeHdf5File) {
  EXPECT_EQ(refusal(), "wave.h5: there is no such file");
  std::filesystem::create_directory(path_);
  EXPECT_EQ(refusal(), "wave.h5: is not a file");
  std::filesystem::remove(path_);
  std::ofstream{path_} << "va,ia\n1,2\n";
  EXPECT_EQ(refusal(), "wave.h5: is not an HDF5 file");
  std::ofstream{path_, std::ios::trunc};
  EXPECT_EQ(refusal(), "wave.h5: is not an HDF5 file");
}

TEST_F(WaveformHdf5Test, RefusesAFileThatIsCutShortAnywhere) {
  write({va(std::vector<double>(2000, 1)), ia(std::vector<double>(2000, 2))});
  const auto whole = std::filesystem::file_size(path_);
  ASSERT_EQ(read().rows, 2000u);
  for (int part = 31; part >= 0; --part) {
    std::filesystem::resize_file(path_, whole * static_cast<std::uintmax_t>(part) / 32);
    EXPECT_THAT(refusal(), HasSubstr("HDF5 file")) << part << "/32";
  }
}

}  // namespace
}  // namespace blondel
