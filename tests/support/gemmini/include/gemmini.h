/* A stand-in for Gemmini's header: the macros exported programs use, as plain C on a simulated scratchpad, accumulator and
 * mesh. Written from the ISA's description, so that a program compiled against it computes what Gemmini would. */
#ifndef WEFT_GEMMINI_STAND_IN
#define WEFT_GEMMINI_STAND_IN
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef DIM
#define DIM 16
#define BANK_NUM 4
#define BANK_ROWS 4096
#define ACC_ROWS 1024
#endif
typedef int8_t elem_t;
typedef int32_t acc_t;
typedef float acc_scale_t;
#define row_align(blocks)
#define MVIN_SCALE_IDENTITY 1.0
#define ACC_SCALE_IDENTITY 1.0
#define GARBAGE_ADDR ((uint32_t)(-1))
#define WEIGHT_STATIONARY 1
#define NO_ACTIVATION 0
#define RELU 1

static elem_t spad_[BANK_NUM * BANK_ROWS][DIM];
static acc_t accumulator_[ACC_ROWS][DIM];
static elem_t mesh_[DIM][DIM];
static struct { size_t stride; bool shrunk; } load_[3];
static struct { size_t stride; int act; float scale; } store_;
static struct { uint32_t bd, c; int bd_cols, bd_rows, c_cols, c_rows; } preload_;

#define gemmini_config_ex(dataflow, act, shift) assert((dataflow) == WEIGHT_STATIONARY && (act) == 0 && (shift) == 0)
#define gemmini_extended3_config_ld(bytes, factor, is_shrunk, id) \
  do { assert((factor) == 1.0); load_[id].stride = (bytes); load_[id].shrunk = (is_shrunk); } while (0)
#define gemmini_extended_config_st(bytes, activation, factor) \
  do { store_.stride = (bytes); store_.act = (activation); store_.scale = (factor); } while (0)
#define gemmini_fence() ((void)0)

static void mvin_(int id, const void *from, uint32_t to, int cols, int rows) {
  uint32_t row = to & 0x1fffffff;
  bool is_acc = to >> 31, adds = (to >> 30) & 1;
  assert(cols >= 1 && cols <= DIM && rows >= 1 && rows <= DIM);
  assert(row + rows <= (is_acc ? ACC_ROWS : BANK_NUM * BANK_ROWS));
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < cols; c++) {
      const char *line = (const char *)from + r * load_[id].stride;
      if (!is_acc) spad_[row + r][c] = from ? ((const elem_t *)line)[c] : 0;
      else {
        acc_t value = !from ? 0 : load_[id].shrunk ? ((const elem_t *)line)[c] : ((const acc_t *)line)[c];
        accumulator_[row + r][c] = value + (adds ? accumulator_[row + r][c] : 0);
      }
    }
}
#define gemmini_extended_mvin(from, to, cols, rows) mvin_(0, from, to, cols, rows)
#define gemmini_extended_mvin2(from, to, cols, rows) mvin_(1, from, to, cols, rows)
#define gemmini_extended_mvin3(from, to, cols, rows) mvin_(2, from, to, cols, rows)

static void gemmini_extended_preload(uint32_t bd, uint32_t c, int bd_cols, int bd_rows, int c_cols, int c_rows) {
  preload_.bd = bd; preload_.c = c;
  preload_.bd_cols = bd_cols; preload_.bd_rows = bd_rows;
  preload_.c_cols = c_cols; preload_.c_rows = c_rows;
}

static void compute_(bool is_fresh, uint32_t a, uint32_t d, int a_cols, int a_rows) {
  assert(d == GARBAGE_ADDR && (a >> 31) == 0 && (preload_.c >> 31) == 1);
  if (is_fresh)
    for (int k = 0; k < DIM; k++)
      for (int j = 0; j < DIM; j++)
        mesh_[k][j] = k < preload_.bd_rows && j < preload_.bd_cols ? spad_[preload_.bd + k][j] : 0;
  uint32_t row = preload_.c & 0x1fffffff;
  assert(row + preload_.c_rows <= ACC_ROWS && a + a_rows <= BANK_NUM * BANK_ROWS);
  for (int i = 0; i < preload_.c_rows; i++)
    for (int j = 0; j < preload_.c_cols; j++) {
      acc_t sum = (preload_.c >> 30) & 1 ? accumulator_[row + i][j] : 0;
      for (int k = 0; k < a_cols && i < a_rows; k++) sum += spad_[a + i][k] * mesh_[k][j];
      accumulator_[row + i][j] = sum;
    }
}
#define gemmini_extended_compute_preloaded(a, d, a_cols, a_rows, d_cols, d_rows) compute_(true, a, d, a_cols, a_rows)
#define gemmini_extended_compute_accumulated(a, d, a_cols, a_rows, d_cols, d_rows) compute_(false, a, d, a_cols, a_rows)

static void gemmini_extended_mvout(void *to, uint32_t from, int cols, int rows) {
  uint32_t row = from & 0x1fffffff;
  bool is_full = (from >> 29) & 1;
  assert(from >> 31 && row + rows <= ACC_ROWS && cols <= DIM);
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < cols; c++) {
      char *line = (char *)to + r * store_.stride;
      acc_t sum = accumulator_[row + r][c];
      if (is_full) { ((acc_t *)line)[c] = sum; continue; }
      float scaled = rintf(sum * store_.scale);
      elem_t value = scaled > 127 ? 127 : scaled < -128 ? -128 : (elem_t)scaled;
      ((elem_t *)line)[c] = store_.act == RELU && value < 0 ? 0 : value;
    }
}
#endif
