/** The packer's face: addresses for blocks of bytes alive over steps. How it works: packing/README.md. */
export { type Block, type Packing, type PackOptions, peak, type Rectangle, type Slab } from './packing/block.ts';
export { packingFault } from './packing/certificate.ts';
export { type Minimum, minimise } from './packing/minimise.ts';
export { pack, packExactly } from './packing/pack-parts.ts';
