#include "drivers/sim/firmware/faults/fault_list.hpp"

#include <algorithm>
#include <initializer_list>

namespace blondel::sim {

namespace {

std::string with_blanks(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

void append(std::vector<FirmwareVariant>& all, const char* key, std::initializer_list<const char*> words) {
  for (const auto* word : words)
    if (word != *words.begin()) all.push_back({key, word});
}

void append(std::vector<FirmwareVariant>& all, const char* key, int low, int high, int usual) {
  std::vector<int> values = {low, (low + high) / 2, high};
  values.erase(std::ranges::unique(values).begin(), values.end());
  for (const int value : values)
    if (value != usual) all.push_back({key, std::to_string(value)});
}

std::vector<FirmwareVariant> all_variants() {
  std::vector<FirmwareVariant> all;
#define CHOICE(key, ...) append(all, #key, {__VA_ARGS__});
#define NUMBER(key, low, high, usual) append(all, #key, low, high, usual);
#define UNIT_CHOICE(...)
#define UNIT_NUMBER(...)
#include "drivers/sim/firmware/series_4000_k/variants.inc"
#undef CHOICE
#undef NUMBER
#undef UNIT_CHOICE
#undef UNIT_NUMBER
  return all;
}

}  // namespace

const std::vector<FirmwareFault>& firmware_faults() {
  static const std::vector<FirmwareFault> all = {
#define FIRMWARE_FAULT(name, statement, reference) {with_blanks(#name), statement, reference},
#include "drivers/sim/firmware/faults/firmware_faults.inc"
#undef FIRMWARE_FAULT
  };
  return all;
}

const std::vector<FirmwareVariant>& firmware_variants() {
  static const std::vector<FirmwareVariant> all = all_variants();
  return all;
}

}  // namespace blondel::sim
