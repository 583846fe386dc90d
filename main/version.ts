/** The version in package.json; part of every run key. */
import manifest from '../package.json' with { type: 'json' };

export const APP_VERSION: string = manifest.version;
