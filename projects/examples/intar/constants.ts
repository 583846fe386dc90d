/**
 * Constants the drawings of InTAR's kernels share (arXiv 2502.08807; U280 board). "Source" is where the figure stands;
 * "fitted" ones were chosen so that the named measurement comes out, and agree with what is known of the device.
 */

/** Clock the cycles of the board count, Hz. */
export const CLOCK_HERTZ = 300e6;

/** A pseudo-channel of the U280's HBM2: 14.4 GB/s at 300 MHz. Source: AMD, Alveo U280 data sheet DS963 (460 GB/s over 32). */
export const HBM_BYTES_PER_TICK = 48;

/**
 * Request to first byte. Fitted on the sequential MLP: 150 ns at 300 MHz, beside the 107 to 138 ns of the memory alone that
 * Wang et al., Shuhai (FCCM 2020) measured on this board.
 */
export const LOAD_LATENCY = 45;

/** A blocking store takes 61 cycles a beat on the board: one on the channel, the rest until its response. */
export const STORE_RESPONSE = 60;

/** Iteration's start to result of a 16-bit multiply-accumulate, and leaving a loop that is not flattened. Fitted: gating, dataflow. */
export const MAC_DEPTH = 8;
export const LOOP_EXIT = 2;

/** The same of a 3 × 3 (or larger) window of multiplications and its adder tree. Source: synthesis reports, about. */
export const WINDOW_DEPTH = 22;

/** Of an exponential or a division. Source: synthesis reports, 20 to 30. */
export const EXPONENTIAL_DEPTH = 25;

/** A serial external port from request to word. Source: synthesis reports, about. */
export const SERIAL_PORT = 15;

/** Cores change what they do by multiplexers: 10 to 20 ns. */
export const SWITCH_TICKS = 5;

/** Most FIFOs of the kernels. */
export const FIFO_DEPTH = 2;

export const BOARD = 'Board measurement on a U280, repository OswaldHe/InTAR';
export const CLAIM =
  'The paper claims 1.8 × over dataflow and 7.1 × over sequential designs, over all multi-task kernels';
