/** SHA-256 of what was packaged, as `sha256sum --check` reads it. */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = /\.(AppImage|deb|dmg|exe|zip)$/;

/**
 * Writes `SHA256SUMS-<platform>.txt` beside the packages in `folder`.
 * @returns its path, or null where there is no package.
 */
export async function writeChecksums(folder: string, platform: string = process.platform): Promise<string | null> {
  const names = readdirSync(folder)
    .filter((name) => PACKAGES.test(name))
    .sort();
  if (names.length === 0) return null;
  const lines: string[] = [];
  for (const name of names) {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(join(folder, name))) hash.update(piece);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
  }
  const path = join(folder, `SHA256SUMS-${platform}.txt`);
  writeFileSync(path, lines.join(''));
  return path;
}
