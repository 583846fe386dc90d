import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { buildModel } from '#core/model/build.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique as exportConfig } from '#core/techniques/exporter/scale-sim-config/technique.ts';
import { technique as exportTopology } from '#core/techniques/exporter/scale-sim-topology/technique.ts';
import { technique as importer } from '#core/techniques/importer/scale-sim/technique.ts';
import { configDocument } from './architecture.ts';
import { configuredArray, formatConfig, parseConfig } from './config.ts';
import { topologyDocument } from './model.ts';
import { formatTopology, layerWorkload, parseTopology, type Topology } from './topology.ts';

const CONVOLUTIONS =
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n';
const CONFIG = `[general]
run_name = small

[architecture_presets]
ArrayHeight:    8
ArrayWidth:     4
IfmapSramSzkB:   64
FilterSramSzkB:  32
OfmapSramSzkB:   16
Bandwidth : 10
Dataflow : ws

[run_presets]
InterfaceBandwidth: CALC
`;

function topology(text: string): Topology {
  const parsed = parseTopology(text, 't.csv');
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function topologyFault(text: string): string {
  const parsed = parseTopology(text, 't.csv');
  if (parsed.ok) return '';
  expect(parsed.error.where.file).toBe('t.csv');
  expect(parsed.error.message.startsWith(`line ${parsed.error.facts.line}: `)).toBe(true);
  return parsed.error.message;
}

function configFault(text: string): string {
  const parsed = parseConfig(text, 'c.cfg');
  if (parsed.ok) return '';
  expect(parsed.error.message.startsWith(`line ${parsed.error.facts.line}: `)).toBe(true);
  return parsed.error.message;
}

describe('a topology', () => {
  it('is read with blank lines, CRLF, spaces, remarks, a mark at its start and with or without a last comma', () => {
    const text = `\uFEFF${CONVOLUTIONS}\n# stem\nConv1 ,224 ,224,11,11,3,96,4 ,\n\n  \nFC, 1, 1, 1, 1, 1024, 1000, 1\nDw,14,14,3,3,1,1,2,#dw\n`;
    const layers = topology(text).layers;
    expect(topology(text.replaceAll('\n', '\r\n')).layers).toEqual(layers);
    expect(layers.map(({ name, line }) => [name, line])).toEqual([
      ['Conv1', 4],
      ['FC', 7],
      ['Dw', 8],
    ]);
    expect(layers.map(layerWorkload).map(({ m, n, k }) => [m, n, k])).toEqual([
      [55 * 55, 96, 363],
      [1, 1000, 1024],
      [7 * 7, 1, 9],
    ]);
  });

  it('of products is known by its header', () => {
    const read = topology('Layer,M,N,K,\nqkv_1,128,1536,512,\n\ndecode,1,768,512,');
    expect(read.kind).toBe('gemm');
    expect(read.layers.map(layerWorkload)).toEqual([
      { groups: 1, m: 128, n: 1536, k: 512 },
      { groups: 1, m: 1, n: 768, k: 512 },
    ]);
  });

  it('takes a second stride, a target or a sparsity ratio after the first', () => {
    const rows = 'a,9,9,3,3,1,1,2,3,\nb,9,9,3,3,1,1,1, NPU\nc,9,9,3,3,1,1,1,2:4,\nd,9,9,3,3,1,1,1,1:1,\n';
    const read = topology(CONVOLUTIONS + rows);
    expect(read.layers.map((layer) => layer.kind === 'convolution' && [layer.strideHeight, layer.strideWidth])).toEqual(
      [
        [2, 3],
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    );
    expect(read.problems.map(({ message }) => message)).toEqual([
      'line 4: sparsity 2:4 is not counted; the layer is taken as dense',
    ]);
  });

  it('says what of a product it does not count, and reads the quotes of a spreadsheet', () => {
    const read = topology('"Layer","M","N","K","Sparsity"\n"a",5,6,7,2:4\nb,5,6,7,3,\nc,5,6,7,1:1,\n');
    expect(read.layers.map(layerWorkload)).toEqual(Array(3).fill({ groups: 1, m: 5, n: 6, k: 7 }));
    expect(read.layers[0]!.name).toBe('a');
    expect(read.problems.map(({ message }) => message)).toEqual([
      'line 2: sparsity 2:4 is not counted; the layer is taken as dense',
      'line 3: 3 after M, N, K is not counted',
    ]);
  });

  it('is depthwise where the name contains DP, a group for each channel', () => {
    const [layer] = topology(`${CONVOLUTIONS}Conv2_DP,14,14,3,3,512,1,1,\n`).layers;
    expect(layerWorkload(layer!)).toMatchObject({
      groups: 512,
      m: 144,
      n: 1,
      k: 9,
      convolution: { inputChannels: 512 },
    });
  });

  it.each([
    ['', 'line 1: the file is empty; a header and a row for each layer are expected'],
    [
      'a,b\n',
      "line 1: the header is not known; expected 'Layer, M, N, K' or 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides'",
    ],
    [
      'g,32,32,32,\n',
      "line 1: the header is missing; expected 'Layer, M, N, K' or 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides'",
    ],
    ['Layer,M,N,K,\n', 'line 2: there is no layer after the header'],
    ['Layer,M,N,K,\na,1,2,3,\nb,1,,3,\n', 'line 3: N is missing; a layer has a name and 3 numbers: M, N, K'],
    ['Layer,M,N,K,\na,1,2,x3,\n', "line 2: K is 'x3', not a whole number from 1 to 1000000000"],
    ['Layer,M,N,K,\na,1,2,0,\n', "line 2: K is '0', not a whole number from 1 to 1000000000"],
    ['Layer,M,N,K,\na,1000000000,1000000000,2,\n', 'line 2: the layer has too many multiplications to count'],
    [`${CONVOLUTIONS}a,2,9,3,3,1,1,1,\n`, 'line 2: Filter Height 3 is more than IFMAP Height 2'],
    [
      `${CONVOLUTIONS}\na,9,9,3,3,1,1,\n`,
      'line 3: Strides is missing; a layer has a name and 7 numbers: IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides',
    ],
  ])('%j: %s', (text, message) => {
    expect(topologyFault(text)).toBe(message);
  });

  it('is written as it was read', () => {
    const text = `${CONVOLUTIONS}a,9,9,3,3,1,1,2,3,\nConv2_DP,14,14,3,3,512,2,1,\n`;
    const { kind, layers } = topology(text);
    const again = topology(formatTopology(kind, layers));
    expect(again).toEqual({ kind, layers, problems: [] });
  });
});

describe('a configuration', () => {
  it('is read whatever the case of its keys and the sign between key and value', () => {
    const read = parseConfig(CONFIG.replace('ArrayHeight:    8', 'arrayheight = 8').replaceAll('\n', '\r\n'), 'c.cfg');
    expect(read).toEqual({
      ok: true,
      value: {
        name: 'small',
        rows: 8,
        columns: 4,
        dataflow: 'ws',
        kilobytes: { input: 64, weight: 32, output: 16 },
        interface: 'calc',
        wordsPerCycle: { input: 10, weight: 10, output: 10 },
        problems: [],
      },
    });
  });

  it('gives each operand its interface in USER mode', () => {
    const layout = '[layout]\nIfmapSRAMBankBandwidth: 12\nFilterSRAMBankBandwidth: 6\nIfmapCustomLayout: True\n';
    const read = parseConfig(CONFIG.replace('CALC', 'USER') + layout, 'c.cfg');
    expect(read.ok && read.value.wordsPerCycle).toEqual({ input: 12, weight: 6, output: 10 });
    expect(read.ok && read.value.problems.map(({ message }) => message)).toEqual([
      'line 18: IfmapCustomLayout is on, but bank conflicts are not counted',
    ]);
  });

  it.each([
    [CONFIG.replace('ArrayWidth:     4\n', ''), 'line 4: [architecture_presets] has no ArrayWidth'],
    [
      CONFIG.replace('ArrayWidth:     4', 'ArrayWidth: four'),
      "line 6: ArrayWidth is 'four', not a whole number from 1 to 65536",
    ],
    [CONFIG.replace('Dataflow : ws', 'Dataflow : rs'), "line 11: Dataflow is 'rs', not os, ws or is"],
    [CONFIG.replace('CALC', 'AUTO'), "line 14: InterfaceBandwidth is 'AUTO', not CALC or USER"],
    [
      CONFIG.replace('CALC', 'USER').replace('Bandwidth : 10\n', ''),
      'line 4: [architecture_presets] has no Bandwidth, which USER needs',
    ],
    [CONFIG.replace('Bandwidth : 10', 'Bandwidth : 10,x'), "line 10: Bandwidth is '10,x', not whole words a cycle"],
    [`${CONFIG}nonsense\n`, "line 15: 'nonsense' is neither [section] nor key : value"],
    [`a : b\n${CONFIG}`, 'line 1: a stands before any [section]'],
    [CONFIG.replace('Dataflow', 'ArrayWidth : 4\nDataflow'), 'line 11: ArrayWidth is there twice in its section'],
    [`${CONFIG}[general]\n`, 'line 15: section [general] is there twice'],
  ])('%#: %s', (text, message) => {
    expect(configFault(text)).toBe(message);
  });

  it('is written as it was read', () => {
    const read = parseConfig(CONFIG, 'c.cfg');
    if (!read.ok) throw new Error(read.error.message);
    expect(parseConfig(formatConfig(read.value), 'c.cfg')).toEqual(read);
    const user = { ...read.value, interface: 'user', wordsPerCycle: { input: 3, weight: 4, output: 5 } } as const;
    expect(parseConfig(formatConfig(user), 'c.cfg')).toEqual({ ok: true, value: user });
  });
});

describe('as documents', () => {
  it('a topology is a model with the same products, and gives them back', () => {
    const text = `${CONVOLUTIONS}Conv1,224,224,11,11,3,96,4,\nConv2_DP,14,14,3,3,32,2,1,\nOdd,8,9,3,2,4,5,2,3,\nFC,1,1,1,1,1024,1000,1,\n`;
    const read = topology(text);
    const built = buildModel(topologyDocument(read, 'm', 'M'));
    expect(built.problems).toEqual([]);
    const kernels = built.graph!.operators.map(({ kernel }) => kernel);
    expect(kernels.map((kernel) => kernel.kind === 'gemm' && [kernel.groups, kernel.m, kernel.n, kernel.k])).toEqual(
      read.layers.map(layerWorkload).map(({ groups, m, n, k }) => [groups, m, n, k]),
    );
    const written = exportTopology.export({
      model: topologyDocument(read, 'm', 'M'),
      architecture: null,
      parameters: {},
      files: {},
    });
    if (!written.ok) throw new Error(written.error.message);
    expect(written.value.name).toBe('m.csv');
    const back = topology(new TextDecoder().decode(written.value.bytes));
    const shapes = (from: Topology) => from.layers.map(layerWorkload).map(({ groups, m, n, k }) => [groups, m, n, k]);
    expect(shapes(back)).toEqual(shapes(read));
  });

  it('products are dense operators, and stay products', () => {
    const read = topology('Layer,M,N,K,\na,64,32,16,\nb,1,768,512,\n');
    const model = topologyDocument(read, 'm', 'M');
    const written = exportTopology.export({ model, architecture: null, parameters: {}, files: {} });
    expect(written.ok && new TextDecoder().decode(written.value.bytes)).toBe(
      'Layer,M,N,K,\na,64,32,16,\nb,1,768,512,\n',
    );
  });

  it('a configuration is an architecture that resolves to the same array', () => {
    const read = parseConfig(CONFIG, 'c.cfg');
    if (!read.ok) throw new Error(read.error.message);
    const drawn = configDocument(read.value, 'a', 'c.cfg');
    if (!drawn.ok) throw new Error(drawn.error.message);
    const { machine, problems } = resolveMachine(drawn.value.document);
    expect(problems).toEqual([]);
    const { rows, columns, bufferBytes } = configuredArray(read.value);
    expect(machine?.units).toMatchObject([
      {
        kind: 'systolic-array',
        rows,
        columns,
        dataflows: ['ws'],
        inputBufferBytes: bufferBytes.input,
        weightBufferBytes: bufferBytes.weight,
        outputBufferBytes: bufferBytes.output,
      },
    ]);
    expect(machine?.channels[0]?.bytesPerTick).toBe(30);
  });

  it.each(PRESETS.map((preset) => [preset.id, preset] as const))(
    '%s is written, where it has an array',
    (_, preset) => {
      const architecture = preset.build('a');
      const model = topologyDocument(topology('Layer,M,N,K,\na,64,32,16,\n'), 'm', 'M');
      const written = exportConfig.export({ model, architecture, parameters: {}, files: {} });
      const array = resolveMachine(architecture).machine!.units.find(({ kind }) => kind === 'systolic-array');
      expect(written.ok).toBe(array !== undefined);
      if (!written.ok || array?.kind !== 'systolic-array') return;
      const read = parseConfig(new TextDecoder().decode(written.value.bytes), written.value.name);
      expect(read).toMatchObject({ ok: true, value: { rows: array.rows, columns: array.columns, interface: 'user' } });
    },
  );

  it('are opened by the importer, each by its name and first lines', () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const open = (file: string, text: string) => {
      expect(importer.match(file, encode(text))).toBe(true);
      return importer.open(bytesSource(encode(text)), { document: 'd', file });
    };
    expect(open('net.csv', 'Layer,M,N,K,\na,64,32,16,\n')).toMatchObject({
      ok: true,
      value: { document: { kind: 'model', title: 'net' }, facts: { macs: 64 * 32 * 16 } },
    });
    expect(open('array.cfg', CONFIG)).toMatchObject({
      ok: true,
      value: { document: { kind: 'architecture', title: 'small' } },
    });
    expect(importer.match('table.csv', encode('id,lower,upper,size\n'))).toBe(false);
    expect(importer.match('other.cfg', encode('[flake8]\nmax = 3\n'))).toBe(false);
    expect(open('net.csv', 'Layer,M,N,K,\na,64,32\n')).toMatchObject({ ok: false, error: { facts: { line: 2 } } });
  });
});
