#include "rig/class_test/energy_method.hpp"

namespace blondel {

namespace {

class NothingRegistered final : public Registration {
 public:
  explicit NothingRegistered(std::string why) : why_{std::move(why)} {}
  Task<void> watch(Time) override { co_return; }
  Registered registered() const override {
    Registered r;
    r.why_not = why_;
    return r;
  }

 private:
  std::string why_;
};

}  // namespace

Task<void> Registration::arm(Duration) {
  co_return;
}

Task<void> Registration::collect() {
  co_return;
}

Task<void> Registration::close() {
  co_return;
}

std::unique_ptr<Registration> nothing_registered(std::string why) {
  return std::make_unique<NothingRegistered>(std::move(why));
}

std::vector<std::string> energy_method_words() {
  return {"error calculator", "pulses", "energy registers", "registers"};
}

std::unique_ptr<EnergyMethod> energy_method(const std::string& word, const Settings& step,
                                            std::shared_ptr<const PulseSetUp> set_up) {
  if (word == "error calculator") return by_error_calculator(step, std::move(set_up));
  if (word == "pulses") return by_pulses(step, std::move(set_up));
  if (word == "energy registers") return by_energy_registers(step, std::move(set_up));
  if (word == "registers") return by_power_registers(step);
  throw std::logic_error{"there is no method " + word};
}

}  // namespace blondel
