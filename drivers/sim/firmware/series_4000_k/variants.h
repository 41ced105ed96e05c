// What was chosen for this very meter. The data sheet leaves questions open; every permitted answer to one of them is a
// variant, chosen by the hardware abstraction's settings, and the first word of each list is the usual answer. The keys
// are the members' names. ../variants.md tells what each of them means.
#ifndef SERIES_4000_K_VARIANTS_H
#define SERIES_4000_K_VARIANTS_H

#include "drivers/sim/firmware/blondel_firmware.h"

enum { no, yes };
enum parity { parity_none, parity_even, parity_odd };
enum running_system { runs_operating_system, runs_reset_system };
enum refusal { refusal_by_exception, refusal_by_echo };
enum bus_writes { bus_writes_open, bus_writes_locked };
enum gap_answer { gap_is_exception, gap_is_zero, gap_is_qnan };
enum broadcast { broadcast_ignored, broadcast_obeyed };
enum device_id_objects { device_id_from_0, device_id_from_1 };
enum version_text { version_text_padded, version_text_short };
enum report_id_text { report_id_alternatives, report_id_joined };
enum register_152_access { register_152_read, register_152_read_write };
enum ct_minimum { ct_minimum_5, ct_minimum_1 };
enum old_firmware_lacks { old_lacks_integers_and_floats, old_lacks_floats };
enum pt_breaks_voltage { pt_keeps_voltage, pt_is_refused };
enum log_registers { log_absent, log_zero, log_qnan, log_working };
enum log_window_end { log_window_to_13759, log_window_to_13760 };
enum date_packing { date_day_high, date_month_high };
enum output_configuration { output_0, output_2, output_10, output_11 };

enum imbalance_definition {
  imbalance_of_maximum,
  imbalance_of_system_voltage,
  imbalance_of_mean,
  imbalance_of_minimum,
  imbalance_nema
};
enum imbalance_scope { imbalance_over_all, imbalance_by_pairs };
enum imbalance_bits { imbalance_marks_low_phases, imbalance_marks_all };
enum phase_bits_ll { ll_marks_both_ends, ll_marks_first_end, ll_marks_common };
enum compare { compare_strict, compare_inclusive };
enum loss_rounding { loss_exact, loss_whole_volts };
enum type_12_nominal { type_12_half, type_12_wye };
enum alarm_cause { alarm_by_phase_loss, alarm_by_any_alert };
enum low_pf_without_load { low_pf_idle_ignored, low_pf_idle_alert };
enum over_range { over_range_of_terminals, over_range_of_system };
enum under_range { under_range_ignored, under_range_alert };
enum frequency_lost { frequency_lost_qnan, frequency_lost_zero, frequency_lost_last };
enum overrun_clear { overrun_until_sent, overrun_until_slower, overrun_until_reset, overrun_until_reset_and_larger };

enum scale_algorithm { scale_by_over_range, scale_by_full_scale, scale_tabulated };
enum energy_exponent { energy_one_above_power, energy_as_power };
enum energy_on_scale_change { energy_recomputed, energy_raw_kept };
enum overflow { overflow_saturates, overflow_is_qnan, overflow_wraps };
enum qnan_32bit { qnan_80000000, qnan_80008000, qnan_zero };

enum type_31_phases { type_31_star, type_31_blank };
enum reversed_total { total_of_absolutes, total_absolute_of_sum };
enum averages { average_of_valid, average_of_three };
enum one_third_volt { one_third_exact, one_third_0_333 };

enum present_demand { present_of_last_interval, present_is_running };
enum demand_before_first { before_first_zero, before_first_qnan };
enum demand_restart { restart_on_change, restart_never };
enum timed_subinterval_command { timed_command_closes, timed_command_ignored };
enum early_command { early_command_ignored, early_command_queued, early_command_obeyed };
enum command_cycle { command_in_running_cycle, command_in_following_cycle };
enum reset_count { resets_per_command, resets_per_register };
enum count_end { count_rolls_over, count_stops };

enum pulse_reevaluate { pulse_at_change, pulse_at_write, pulse_at_power_up };
enum pulse_compare { pulse_exact, pulse_rounded };
enum ct_breaks_pulse { ct_raises_alert, ct_is_refused };
enum pulse_spacing { pulse_at_its_sample, pulse_in_bursts };
enum pulse_backlog { backlog_lost, backlog_resumed };
enum power_fail_save { power_fail_save_done, power_fail_save_missing };

struct variants {
  // Unit and port.
  int version, reset_system_version, running_system, address, baud, parity, stop_bits, answer_delay_us, boot_ms;
  int temperature_voltage_ppm_per_k, temperature_current_ppm_per_k;
  // The bus, and the rules of the settings.
  int refusal, bus_writes, gap_answer, max_registers, broadcast, device_id_objects, version_text, report_id_text;
  int register_152_access, ct_minimum, ct_secondary_fixed, old_firmware_lacks, pt_breaks_voltage, log_registers;
  int log_window_end, date_packing, output_configuration, settle_s;
  // Alerts.
  int imbalance_definition, imbalance_bits, phase_bits_ll, loss_compare, loss_rounding, loss_delay_s, loss_recovery_s;
  int loss_hysteresis_percent, alarm_delay_s, type_12_nominal, alarm_cause, low_pf_without_load, low_pf_compare;
  int over_range, under_range, frequency_lost, overrun_clear, imbalance_scope;
  // Numbers.
  int scale_algorithm, energy_exponent, energy_on_scale_change, overflow, qnan_32bit;
  // Metering.
  int type_31_phases, reversed_total, averages, one_third_volt;
  // Demand and counts.
  int present_demand, demand_before_first, apparent_demand_kept, demand_restart, timed_subinterval_command;
  int early_command, command_cycle, reset_count, count_end;
  // Pulses and store.
  int pulse_reevaluate, pulse_compare, ct_breaks_pulse, pulse_spacing, pulse_backlog;
  int nv_save_interval_s, power_fail_save;
};

// Reads every variant from the settings; refuses what is not a value of it.
void variants_load(const struct blondel_hal* hal);
const struct variants* variants(void);

#endif
