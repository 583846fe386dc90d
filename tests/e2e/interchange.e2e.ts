/** Other tools' files dropped on the studio: what is drawn of them, what is remarked, and what is said of files that are not drawings. */
import { drop, expect, test } from './studio.ts';

const ZIGZAG = `name: tiny
memories:
  sram_64KB:
    size: 524288
    r_cost: 10
    w_cost: 12
    area: 0
    latency: 1
    operands: [I1, I2, O]
    ports:
      - name: r_port_1
        type: read
        bandwidth_min: 8
        bandwidth_max: 128
        allocation:
          - I1, tl
          - I2, tl
          - O, tl
          - O, th
      - name: w_port_1
        type: write
        bandwidth_min: 8
        bandwidth_max: 128
        allocation:
          - I1, fh
          - I2, fh
          - O, fh
          - O, fl
    served_dimensions: [D1, D2]
  dram:
    size: 10000000000
    r_cost: 1000
    w_cost: 1000
    area: 0
    latency: 1
    operands: [I1, I2, O]
    ports:
      - name: rw_port_1
        type: read_write
        bandwidth_min: 64
        bandwidth_max: 64
        allocation:
          - I1, fh
          - I1, tl
          - I2, fh
          - I2, tl
          - O, fh
          - O, tl
          - O, fl
          - O, th
    served_dimensions: [D1, D2]
operational_array:
  unit_energy: 0.04
  unit_area: 1
  dimensions: [D1, D2]
  sizes: [12, 20]
`;

const MAESTRO = `num_pes: 64
l1_size_cstr: 512
l2_size_cstr: 65536
noc_bw_cstr: 32
offchip_bw_cstr: 16
`;

const TIMELOOP = `architecture:
  version: 0.4
  nodes:
    - !Container
      name: system
      attributes: {technology: "45nm", global_cycle_seconds: 2e-9}
    - !Component
      name: DRAM
      class: DRAM
      attributes: {type: LPDDR4, width: 64, datawidth: 8, shared_bandwidth: 8}
    - !Component
      name: buffer
      class: SRAM
      attributes: {depth: 8192, width: 64, datawidth: 8, read_bandwidth: 32, write_bandwidth: 32}
    - !Container
      name: PE
      spatial: {meshX: 14, meshY: 6}
    - !Component {name: weights_spad, class: regfile, attributes: {depth: 64, width: 8, datawidth: 8}}
    - !Component {name: mac, class: intmac, attributes: {datawidth: 8}}
`;

const TIMELOOP_PROBLEM = `problem:
  version: 0.4
  shape: { dimensions: [C, M, P] }
`;

const bytes = (text: string) => Buffer.from(text);

test('accelerators of ZigZag, MAESTRO and Timeloop become drawings', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();

  await test.step('a Timeloop problem makes no project', async () => {
    await drop(page, 'nest.yaml', bytes(TIMELOOP_PROBLEM));
    await expect(page.getByText(/nest\.yaml: a Timeloop file with problem .* 'weft map'/).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  });

  await test.step('ZigZag', async () => {
    await drop(page, 'tiny.yaml', bytes(ZIGZAG));
    await expect(page.getByRole('tab', { name: /tiny/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('20 × 12').first()).toBeVisible();
    await expect(page.getByText(/KiB/).first()).toBeVisible();
    await expect(page.getByText(/tiny\.yaml: \d+ remarks, see Problems/).first()).toBeVisible();
  });

  await test.step('Timeloop', async () => {
    await drop(page, 'mesh.yaml', bytes(TIMELOOP));
    await expect(page.getByRole('tab', { name: /mesh/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('6 × 14').first()).toBeVisible();
    await expect(page.getByText(/mesh\.yaml: \d+ remarks, see Problems/).first()).toBeVisible();
  });

  await test.step('MAESTRO', async () => {
    await drop(page, 'edge.m', bytes(MAESTRO));
    await expect(page.getByRole('tab', { name: /edge/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('8 × 8').first()).toBeVisible();
  });

  await test.step('files of theirs that are no hardware say which one to take', async () => {
    await drop(page, 'flow.m', bytes('Network resnet {\n  Layer conv {\n    Type: CONV\n  }\n}\n'));
    await expect(page.getByText(/flow\.m, line 1: .*import the hardware file/).first()).toBeVisible();
    await drop(page, 'nest.yaml', bytes(TIMELOOP_PROBLEM));
    await expect(page.getByText(/nest\.yaml: .* no architecture is no drawing/).first()).toBeVisible();
    await drop(page, 'broken.yaml', bytes(ZIGZAG.replace('size: 524288', 'size: many')));
    await expect(page.getByText(/broken\.yaml, line \d+: /).first()).toBeVisible();
  });

  await test.step('a malformed model is one clear error with its byte offset, and nothing else changes', async () => {
    const tabs = await page.getByRole('tab').count();
    // Field 7 (the graph) announces 200 bytes; 3 follow.
    await drop(page, 'broken.onnx', Buffer.from([0x08, 0x07, 0x3a, 0xc8, 0x01, 1, 2, 3]));
    const notices = page.getByRole('region', { name: 'Notices' });
    await expect(notices.getByText(/broken\.onnx/).first()).toBeVisible();
    await expect(notices.getByText(/byte/).first()).toBeVisible();
    expect(await page.getByRole('tab').count()).toBe(tabs);
  });
  expect(complaints).toEqual([]);
});
