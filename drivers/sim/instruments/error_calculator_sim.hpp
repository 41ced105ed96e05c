#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/pulse_inputs/pulse_input.hpp"
#include "drivers/sim/instruments/scpi_server.hpp"

namespace blondel::sim {

/// What is wired to a pulse input of an error calculator: a meter's contact.
class CalculatorInput {
 public:
  virtual ~CalculatorInput() = default;
  /// From now on edges are kept for edges().
  virtual void follow() = 0;
  /// The edges up to now since the last call, oldest first; some may be from before follow().
  virtual Task<std::vector<ContactEdge>> edges() = 0;
  /// Edges are kept no longer.
  virtual void leave() = 0;
};

/// The pulse error calculator of a ZERA COM5003, `CALC:EC01:<nnnn>:...`: eight instances, any of which counts at any of
/// the inputs SC1 to SC8. It counts the reference's own pulses, the whole ones of REFCONSTANT × measured energy since
/// START, from the first closing edge after START to the MRATE-th after that.
///
/// It works when it is asked: then it fetches the edges up to now. What the maker's published software does not show is
/// decided strictly: settings of an instance that counts are refused (-221), and so is a target beyond 2^32 - 1. A
/// result without any pulse of the reference is `nan`. Unverified: the names of the inputs and how many there are, and
/// what export does to the reference's pulses (here its amount counts).
/// Source: the maker's published instrument software and its recorded answers (zera-classes, module sec1module).
class ErrorCalculatorSim {
 public:
  enum class Power { active, reactive, apparent };
  /// What the reference itself has measured over an interval of the past: kWh, kvarh or kVAh of all elements together.
  using Energy = std::function<double(Power, Time from, Time to)>;

  ErrorCalculatorSim(Clock& clock, Energy energy);
  /// Whether there is an input of that name.
  static bool has(const std::string& input);
  /// @param input  "SC1". @throws std::logic_error for a name that is no input.
  void wire(const std::string& input, std::shared_ptr<CalculatorInput> contact);
  void add_commands(ScpiServer& server);
  /// Fetches what has happened up to now.
  Task<void> catch_up();
  /// The ranges have changed: every pulse of the reference is worth something else, and what counts is aborted.
  void change_constant(double pulses_per_kwh);

  static constexpr int instances = 8, inputs = 8;

 private:
  enum Status { idle = 0, armed = 1, started = 2, ready = 4, aborted = 8 };
  struct Instance {
    int input = 0;  ///< from 0
    double constant = 10000;
    bool energy_per_pulse = false;  ///< Wh/I instead of I/kWh
    Power power = Power::active;
    double reference_constant = 5e8;
    double pulses_wanted = 10, count = 1, wait = 0;
    double upper = 10, lower = -10;

    int status = idle;
    Time started_at, reached, first, last;
    double energy = 0;        ///< from started_at to reached
    double first_energy = 0;  ///< at the first edge
    double pulses = 0;        ///< after the first edge
    std::optional<double> result;
    double final_energy = 0;

    bool counts() const { return status == armed || status == started; }
    double target() const;
  };

  Instance& instance(const Call& call);
  void advance(Instance& instance, Time to);
  void take(Instance& instance, const ContactEdge& edge);
  void finish(Instance& instance);
  void start(Instance& instance);
  void stop(Instance& instance, Status as);
  /// Nobody is served who counts no more.
  void release_inputs();
  void add_query(ScpiServer& server, const std::string& key, std::function<std::string(Instance&)> answer);
  void add_setting(ScpiServer& server, const std::string& key, std::function<void(Instance&, const Call&)> set);
  void add_number(ScpiServer& server, const std::string& key, double Instance::*value, double least, double most,
                  bool whole);
  void add_settings(ScpiServer& server);
  void add_results(ScpiServer& server);

  Clock& clock_;
  Energy energy_;
  std::array<Instance, instances> instances_;
  struct Wired {
    std::shared_ptr<CalculatorInput> contact;
    bool followed = false;
  };
  std::array<Wired, inputs> wired_;
};

}  // namespace blondel::sim
