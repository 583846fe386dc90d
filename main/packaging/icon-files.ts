/**
 * Icon files around PNG images, which both formats take as they are: .ico (Windows, a directory of at most 256 pixels)
 * and .icns (macOS, a chunk per size and density).
 */

/** Square PNG images by their side in pixels. */
export type Images = ReadonlyMap<number, Uint8Array>;

export const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256] as const;
/** Chunk type by side: those of macOS 10.7 and later, which hold PNG. Retina sizes share an image with the size above. */
const ICNS_TYPES: readonly (readonly [type: string, side: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];
export const ICNS_SIZES = [16, 32, 64, 128, 256, 512, 1024] as const;
/** Of Linux's icon theme folders. */
export const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512] as const;

function imageOf(images: Images, side: number): Uint8Array {
  const image = images.get(side);
  if (!image) throw new Error(`there is no image of ${side} pixels`);
  return image;
}

/** ICONDIR, an ICONDIRENTRY each, then the images (https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)). */
export function icoFile(images: Images): Uint8Array {
  const parts = ICO_SIZES.map((side) => [side, imageOf(images, side)] as const);
  const head = Buffer.alloc(6 + 16 * parts.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(parts.length, 4);
  let offset = head.length;
  for (const [at, [side, image]] of parts.entries()) {
    const entry = 6 + 16 * at;
    // 0 stands for 256.
    head.writeUInt8(side % 256, entry);
    head.writeUInt8(side % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(image.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += image.length;
  }
  return Buffer.concat([head, ...parts.map(([, image]) => image)]);
}

/** 'icns', the length of all, then chunks of type, length and PNG, all big-endian. */
export function icnsFile(images: Images): Uint8Array {
  const chunks = ICNS_TYPES.flatMap(([type, side]) => {
    const image = imageOf(images, side);
    return [chunkHead(type, image.length + 8), image];
  });
  const length = chunks.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([chunkHead('icns', length), ...chunks]);
}

function chunkHead(type: string, length: number): Uint8Array {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(length, 4);
  return head;
}
